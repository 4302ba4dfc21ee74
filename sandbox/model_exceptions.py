# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where botocore's model is stricter than the service.

(Service, shape, kind of problem) to the reason for letting it pass, with its source. A kind is one
of those of ``sandbox.validation.Problem``.
"""

from __future__ import annotations

EXCEPTIONS: dict[tuple[str, str, str], str] = {}
