#!/usr/bin/python

# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

# This runs on managed hosts, with any Python that ansible-core supports there.

from __future__ import annotations

DOCUMENTATION = r"""
module: cloudwatch_agent_configuration
version_added: 0.1.0
short_description: Keep the CloudWatch Agent of a host running with one configuration
description:
  - Gives the configuration to the agent by its own control script, C(amazon-cloudwatch-agent-ctl), which checks it
    before the one that it has is given up, and restarts the agent.
  - Nothing is done where the agent runs with this configuration alone. An agent that runs with it but was stopped is
    started; any other configuration that the agent has beside it goes.
  - What the agent has is read from where its control script keeps it, so that a run that was cut short is made good by
    the next one.
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  configuration:
    description:
      - The configuration of the agent. M(ansible.builtin.template) is not needed; the filter
        P(wellarchitected.aws.cloudwatch_agent_configuration#filter) makes it.
    type: dict
    required: true
  name:
    description: What the configuration is called. The file C(etc/<name>.json) in the agent's folder has it.
    type: str
    default: wellarchitected
  parameter:
    description:
      - The parameter of Parameter Store that holds the configuration. The agent then fetches it there itself, with the
        host's own rights, and no file has it.
      - It fails if the parameter holds anything else than O(configuration).
    type: str
  mode:
    description: Where the host is, V(ec2), or V(onPremise), or V(auto), by which the agent finds that out.
    type: str
    choices: [ec2, onPremise, auto]
    default: ec2
  wait_seconds:
    description: For how many seconds a started agent has to go on running.
    type: int
    default: 3
notes:
  - Needs root on the host.
seealso:
  - name: Start the CloudWatch agent
    description: What the control script does.
    link: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/start-CloudWatch-Agent-EC2-commands-fleet.html
attributes:
  check_mode:
    description: Can run in check mode, also where the agent is not installed yet.
    support: full
  diff_mode:
    description: Shows the configuration before and after.
    support: full
  platform:
    description: Hosts with systemd.
    platforms: linux
    support: full
"""

EXAMPLES = r"""
- name: Collect memory
  wellarchitected.aws.cloudwatch_agent_configuration:
    configuration:
      metrics:
        metrics_collected:
          mem: {measurement: [used_percent]}
  become: true
"""

RETURN = r"""
status:
  description: What the agent says of itself; in check mode, before any change.
  returned: when the agent is installed
  type: dict
  contains:
    status:
      description: C(running) or C(stopped).
      type: str
      sample: running
    starttime:
      description: Since when it is running.
      type: str
      sample: "2026-01-01T00:00:00+00:00"
    configstatus:
      description: C(configured) or C(not configured).
      type: str
      sample: configured
    version:
      description: Its version.
      type: str
      sample: 1.300073.2b1889
"""

import json
import os
import time

from ansible.module_utils.basic import AnsibleModule

HOME = "/opt/aws/amazon-cloudwatch-agent"
UNIT = "amazon-cloudwatch-agent.service"


class AgentError(Exception):
    """Something that people have to know, as a sentence."""


# What is pure


def kept_as(name, parameter=None):
    """The name under which the agent's control script keeps a configuration."""
    if not parameter:
        return f"file_{name}.json"
    for character in "/ :":
        parameter = parameter.replace(character, "_")
    return f"ssm_{parameter}"


def shown(configurations):
    """Configurations as people read them in a diff."""
    if len(configurations) == 1:
        configurations = next(iter(configurations.values()))
    return json.dumps(configurations, indent=2, sort_keys=True) + "\n" if configurations else ""


def wanting(applied, wanted, is_translated, status, is_enabled):
    """What has to be done: C(apply) the configuration, C(start) the agent, C(enable) it; nothing is an empty list."""
    if applied != wanted or not is_translated:
        return ["apply"]
    return (["start"] if status.get("status") != "running" else []) + (["enable"] if not is_enabled else [])


# What asks and changes the host


class Agent:
    """The agent of the host."""

    def __init__(self, module, home=HOME):
        self.module = module
        self.home = home
        self.control_script = os.path.join(home, "bin", "amazon-cloudwatch-agent-ctl")
        self.directory = os.path.join(home, "etc", "amazon-cloudwatch-agent.d")

    def is_installed(self):
        return os.path.exists(self.control_script)

    def is_translated(self):
        return os.path.exists(os.path.join(self.home, "etc", "amazon-cloudwatch-agent.toml"))

    def is_enabled(self):
        return self.module.run_command(["systemctl", "is-enabled", UNIT])[1].strip() == "enabled"

    def applied(self):
        """The configurations that the agent has, by the names under which it keeps them."""
        found = {}
        for name in os.listdir(self.directory) if os.path.isdir(self.directory) else []:
            try:
                with open(os.path.join(self.directory, name), encoding="utf-8") as source:
                    found[name] = json.load(source)
            except ValueError:
                found[name] = None
        return found

    def control(self, action, *options):
        """Call the control script; what it says."""
        code, out, err = self.module.run_command([self.control_script, "-a", action, *options])
        if code:
            raise AgentError(f"The CloudWatch Agent refuses {action}: {(out + err).strip()}")
        return out

    def status(self):
        return json.loads(self.control("status"))

    def keep_running(self, seconds):
        """Watch a started agent for a while, as one that cannot work with its configuration ends soon."""
        deadline = time.monotonic() + seconds
        while True:
            status = self.status()
            if status["status"] != "running":
                raise AgentError(
                    "The CloudWatch Agent does not go on running. Its log says why: "
                    f"{self.home}/logs/amazon-cloudwatch-agent.log"
                )
            if time.monotonic() >= deadline:
                return status
            time.sleep(1)


def ensure(module, agent):
    """Give the agent its configuration, and say the result."""
    given = module.params
    wanted = {kept_as(given["name"], given["parameter"]): given["configuration"]}
    if not agent.is_installed():
        if not module.check_mode:
            raise AgentError(f"The CloudWatch Agent is not installed: there is no {agent.control_script}.")
        return {"changed": True, "diff": {"before": "", "after": shown(wanted)}}
    applied, status = agent.applied(), agent.status()
    steps = wanting(applied, wanted, agent.is_translated(), status, agent.is_enabled())
    result = {"changed": bool(steps), "status": status}
    if applied != wanted:
        result["diff"] = {"before": shown(applied), "after": shown(wanted)}
    if module.check_mode or not steps:
        return result
    if "apply" in steps:
        source = f"ssm:{given['parameter']}" if given["parameter"] else f"file:{write(module, agent)}"
        agent.control("fetch-config", "-m", given["mode"], "-c", source, "-s")
        if agent.applied() != wanted:
            raise AgentError(
                f"What the agent took from {source} is not the configuration that it should have. Put that there first."
            )
    elif "start" in steps:
        agent.control("start", "-m", given["mode"])
    if not agent.is_enabled():
        module.run_command(["systemctl", "enable", UNIT], check_rc=True)
    result["status"] = agent.keep_running(given["wait_seconds"])
    return result


def write(module, agent):
    """Put the configuration into its file, whole or not at all, and say where it is."""
    path = os.path.join(agent.home, "etc", f"{module.params['name']}.json")
    with open(f"{path}.new", "w", encoding="utf-8") as target:
        json.dump(module.params["configuration"], target, indent=2, sort_keys=True)
        target.write("\n")
    os.chmod(f"{path}.new", 0o644)
    module.atomic_move(f"{path}.new", path)
    return path


def main():
    module = AnsibleModule(
        argument_spec={
            "configuration": {"type": "dict", "required": True},
            "name": {"type": "str", "default": "wellarchitected"},
            "parameter": {"type": "str"},
            "mode": {"type": "str", "choices": ["ec2", "onPremise", "auto"], "default": "ec2"},
            "wait_seconds": {"type": "int", "default": 3},
        },
        supports_check_mode=True,
    )
    try:
        result = ensure(module, Agent(module))
    except AgentError as error:
        module.fail_json(msg=str(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
