# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What moto asks at every call though it never changes: the greater part of the time that a call took."""

from __future__ import annotations

import functools

from moto import backends
from moto.core import responses

backends.list_of_moto_modules = functools.cache(functools.partial(tuple, backends.list_of_moto_modules()))
responses.method_names_from_class = functools.cache(responses.method_names_from_class)
