#!/usr/bin/python
# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: sqs_message_move_task
version_added: "0.1.0"
short_description: Move the messages of a dead-letter queue of Amazon SQS back
description:
  - Has SQS move all messages of a dead-letter queue to the queue that they came from, or to another one, and waits for
    it. A move that somebody else has started is waited for first.
  - An empty queue is left alone, so that running this twice moves nothing twice.
  - The messages arrive as new ones, with another ID, and are tried as often as any other.
  - Follows U(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html).
author:
  - wellarchitected.aws contributors (@wellarchitected)
options:
  source_arn:
    description:
      - ARN of the queue whose messages are moved, which has to be the dead-letter queue of another queue.
    type: str
    required: true
  destination_arn:
    description:
      - ARN of the queue that gets them. When not given, each message goes back to the queue that it came from; those
        that another service than SQS set aside have come from none, and need this.
    type: str
  max_number_of_messages_per_second:
    description:
      - How many messages are moved in a second, 1 to 500; SQS decides when not given.
    type: int
  wait:
    description:
      - Whether to wait until all are moved. Without it, nobody learns how many were.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait, each time.
    type: int
    default: 900
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  check_mode:
    description: Says how many messages would be moved.
    support: full
  diff_mode:
    description: Messages are moved, nothing is described otherwise.
    support: none
"""

EXAMPLES = r"""
- name: Try again what could not be delivered
  wellarchitected.aws.sqs_message_move_task:
    source_arn: arn:aws:sqs:ap-northeast-1:123456789012:example-undelivered
    destination_arn: arn:aws:sqs:ap-northeast-1:123456789012:example

- name: Give messages back slowly, and do not wait
  wellarchitected.aws.sqs_message_move_task:
    source_arn: arn:aws:sqs:ap-northeast-1:123456789012:example-undelivered
    max_number_of_messages_per_second: 5
    wait: false
"""

RETURN = r"""
messages_to_move:
  description: How many messages waited in the queue, about, as SQS counts them.
  returned: success
  type: int
  sample: 3
messages_moved:
  description: How many messages were moved; 0 in check mode and without O(wait).
  returned: success
  type: int
  sample: 3
"""

import time

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.wellarchitected.aws.plugins.module_utils.modules import aws_errors, client

RUNNING = ("RUNNING", "CANCELLING")
DELAY = 2
COUNT = "ApproximateNumberOfMessages"


class Mover:
    def __init__(self, params, sqs):
        self.sqs = sqs
        self.source_arn = params["source_arn"]
        self.destination_arn = params["destination_arn"]
        self.rate = params["max_number_of_messages_per_second"]
        self.wait_timeout = params["wait_timeout"]

    def move(self, check_mode, wait):
        """How many messages there were and how many of them were moved, None when nobody has waited for that."""
        if not check_mode:
            self._finish()
        waiting = self._count()
        if not waiting or check_mode:
            return waiting, 0
        self._start()
        if not wait:
            return waiting, None
        task = self._finish()
        if task["Status"] != "COMPLETED":
            reason = f": {task['FailureReason']}" if task.get("FailureReason") else "."
            raise AnsibleAWSError(
                message=f"Moving the messages of {self.source_arn} ended as {task['Status']} after "
                f"{task['ApproximateNumberOfMessagesMoved']} of them{reason}"
            )
        return waiting, task["ApproximateNumberOfMessagesMoved"]

    def _finish(self):
        """The latest task, when it is not running any more; {} when there has been none."""
        until = time.monotonic() + self.wait_timeout
        while True:
            task = self._latest()
            if task.get("Status") not in RUNNING:
                return task
            if time.monotonic() >= until:
                raise AnsibleAWSError(
                    message=f"SQS is still moving the messages of {self.source_arn} after {self.wait_timeout} s. It "
                    "goes on; run this again to see its end."
                )
            time.sleep(DELAY)

    @AWSErrorHandler.common_error_handler("see what is moved out of {self.source_arn}")
    def _latest(self):
        tasks = self.sqs.list_message_move_tasks(SourceArn=self.source_arn, MaxResults=1)["Results"]
        return tasks[0] if tasks else {}

    @AWSErrorHandler.common_error_handler("count the messages of {self.source_arn}")
    def _count(self):
        account, name = self.source_arn.split(":")[4:6]
        url = self.sqs.get_queue_url(QueueName=name, QueueOwnerAWSAccountId=account)["QueueUrl"]
        return int(self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[COUNT])["Attributes"][COUNT])

    @AWSErrorHandler.common_error_handler("move the messages of {self.source_arn}")
    def _start(self):
        options = {"DestinationArn": self.destination_arn, "MaxNumberOfMessagesPerSecond": self.rate}
        self.sqs.start_message_move_task(
            SourceArn=self.source_arn, **{name: value for name, value in options.items() if value}
        )


def main():
    module = AnsibleAWSModule(
        argument_spec={
            "source_arn": {"type": "str", "required": True},
            "destination_arn": {"type": "str"},
            "max_number_of_messages_per_second": {"type": "int"},
            "wait": {"type": "bool", "default": True},
            "wait_timeout": {"type": "int", "default": 900},
        },
        supports_check_mode=True,
    )
    if module.params["source_arn"].count(":") != 5:
        module.fail_json(msg=f"source_arn is {module.params['source_arn']}, and not the ARN of a queue.")
    with aws_errors(module):
        mover = Mover(module.params, client(module, "sqs"))
        waiting, moved = mover.move(module.check_mode, module.params["wait"])
    # SQS counts about: only what has been moved is certain.
    changed = bool(waiting) if module.check_mode or moved is None else bool(moved)
    module.exit_json(changed=changed, messages_to_move=waiting, messages_moved=moved or 0)


if __name__ == "__main__":
    main()
