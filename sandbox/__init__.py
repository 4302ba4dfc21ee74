# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""An AWS of one's own on loopback: moto's server, extended, mended and held to AWS's own models.

``python -m sandbox up`` starts it for a shell; ``with Sandbox() as sandbox`` starts one for a test.
"""

from sandbox.process import Sandbox, SandboxError, sample_event

__all__ = ["Sandbox", "SandboxError", "sample_event"]
