# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The instances of EC2 as machines that really run: systemd in namespaces, booted from images of Debian and Ubuntu.

`HOSTS` has them. Without ``python -m sandbox up --hosts`` it has none, and instances are but entries in moto.
"""

from sandbox.hosts.machines import HOSTS, Completed, Machine

__all__ = ["HOSTS", "Completed", "Machine"]
