# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What the account's own settings of EC2 in a region have in common."""

from __future__ import annotations

from abc import abstractmethod

from ansible_collections.amazon.aws.plugins.module_utils.errors import AWSErrorHandler

from .reconcile import Setting, State


class AccountSetting(Setting):
    """A setting that an organization's declarative policy may hold, and then nobody else can change.

    Subclasses say what they are called in messages, and read and write the setting with the ec2 client.
    """

    title: str

    def __init__(self, fields: State, ec2) -> None:
        super().__init__(fields)
        self.ec2 = ec2

    @abstractmethod
    def read(self) -> State:
        """The state, with `managed_by`: account or declarative-policy."""

    @abstractmethod
    def write(self, changes: State) -> None:
        """Call what makes these changes."""

    @AWSErrorHandler.common_error_handler("read {self.title}")
    def find(self):
        return self.read()

    @AWSErrorHandler.common_error_handler("set {self.title}")
    def update(self, current, changes):
        self.write(changes)

    def refusal(self, current, changes):
        if current["managed_by"] != "declarative-policy":
            return None
        return (
            f"{self.title[0].upper()}{self.title[1:]}: {', '.join(sorted(changes))} cannot be changed here, because a "
            "declarative policy of the organization holds them. Change that policy, or this task."
        )
