# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    # The option that plugins/module_utils/elbv2.py reads and writes.
    DOCUMENTATION = r"""
options:
  action:
    description:
      - What becomes of the request, one of the following. Stated whole. Required for a new rule or listener.
    type: dict
    suboptions:
      forward:
        description: It is sent to a target.
        type: dict
        suboptions:
          target_groups:
            description: The target groups, by their weights.
            type: list
            elements: dict
            required: true
            suboptions:
              arn:
                description: ARN of the target group.
                type: str
                required: true
              weight:
                description: Its share of the requests, V(0) to V(999), as compared with the others.
                type: int
                default: 1
          stickiness_seconds:
            description: For how many seconds a client stays with a target group, up to V(604800); V(0) for not at all.
            type: int
            default: 0
      redirect:
        description: The client is sent elsewhere. What is not given stays as in the request.
        type: dict
        suboptions:
          protocol:
            description: V(HTTP) or V(HTTPS).
            type: str
            default: "#{protocol}"
          host:
            description: The host.
            type: str
            default: "#{host}"
          port:
            description: The port.
            type: str
            default: "#{port}"
          path:
            description: The path, with its slash.
            type: str
            default: "/#{path}"
          query:
            description: The query, without the question mark.
            type: str
            default: "#{query}"
          status_code:
            description: Whether it is for good (V(HTTP_301)) or for now (V(HTTP_302)).
            type: str
            choices: [HTTP_301, HTTP_302]
            default: HTTP_301
      fixed_response:
        description: The load balancer answers itself.
        type: dict
        suboptions:
          status_code:
            description: The status code.
            type: str
            required: true
          content_type:
            description: What kind of text the body is.
            type: str
            default: text/plain
          message_body:
            description: The body, of 1024 letters at most.
            type: str
            default: ""
"""
