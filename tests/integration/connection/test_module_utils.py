# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Module_utils that a server has executed are what the payload's own would be."""

from __future__ import annotations

import re
import zipfile

import pytest

EXTENDED = "from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"
SOURCES = {
    "ansible/__init__.py": EXTENDED,
    "ansible/module_utils/__init__.py": EXTENDED,
    "ansible/module_utils/warm_basic.py": """
import dataclasses
from ansible.module_utils.warm_common import text, place as where
from ansible.module_utils.warm_common.text import shout
from ansible.module_utils import warm_stand_in
import ansible.module_utils.warm_circle
STATE = []
@dataclasses.dataclass
class Record:
    name: str = shout("a")
class Base: pass
def fail():
    raise KeyError(where.HERE.name)
def describe():
    return text, where.HERE.name, where.folder(), warm_stand_in.__name__, Record(), STATE
""",
    "ansible/module_utils/warm_common/__init__.py": "LOADED = True\n",
    "ansible/module_utils/warm_common/text.py": "from . import LOADED\ndef shout(word):\n    return word.upper()\n",
    "ansible/module_utils/warm_common/unused.py": "USED = True\n",
    "ansible/module_utils/warm_common/place.py": """
import pathlib, sys
HERE = pathlib.Path(__file__)
ROOT = pathlib.Path(sys.modules["ansible"].__file__).parent
def folder():
    return HERE.parent == pathlib.Path(__file__).parent, ROOT.parent.name
""",
    "ansible/module_utils/warm_located.py": "FILE = __file__\nclass Located:\n    file = __file__\n",
    "ansible/module_utils/warm_stand_in.py": "import sys, json\nsys.modules[__name__] = json\n",
    "ansible/module_utils/warm_circle.py": "import ansible.module_utils.warm_basic as b\ndef back(): return b.STATE\n",
    "ansible/module_utils/warm_choice.py": """
try:
    from ansible.module_utils import warm_optional as chosen
except ImportError:
    chosen = None
""",
    "ansible/module_utils/warm_broken.py": "1 / 0\n",
}
PROGRAM = """
import dataclasses, inspect, pickle, sys, traceback
sys.path.insert(0, {archive!r})
from ansible.module_utils import warm_basic as basic
from ansible.module_utils.warm_located import Located, FILE
import ansible.module_utils.warm_common as common
from ansible.module_utils.warm_choice import chosen
try:
    import ansible.module_utils.warm_broken
except ZeroDivisionError:
    traceback.print_exc()
print(basic.describe(), chosen, Located.file, FILE, sorted(vars(common)))
for name, module in sorted(sys.modules.items()):
    if name.split(".")[0] == "ansible":
        print(name, module, *(getattr(module, key, None) for key in ("__file__", "__path__", "__cached__")))
        print(module.__loader__, module.__spec__, sorted(vars(module)))
try:
    basic.fail()
except KeyError:
    traceback.print_exc()
basic.STATE.append("changed")
print(sys.modules["ansible.module_utils.warm_circle"].back(), inspect.getsource(basic.fail))
print(pickle.loads(pickle.dumps(basic.Record())) == basic.Record(), basic.fail.__code__.co_filename)
from ansible.module_utils.warm_common import unused
print(unused, common.unused is unused)
"""
LENT = "print([name for name in getattr(sys.meta_path[0], 'files', None) or () if 'warm' in name])"


@pytest.fixture
def payload(tmp_path):
    """Makes a payload as Ansible makes it; answers a program that uses it."""

    def make(name, **changes):
        archive = tmp_path / f"ansible_{name}_payload.zip"
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as writer:
            for path, source in (SOURCES | changes).items():
                if source is not None:
                    writer.writestr(path, source)
        return PROGRAM.format(archive=str(archive))

    return make


def comparable(result):
    return tuple(re.sub(rb"0x[0-9a-f]+", b"*", part) if isinstance(part, bytes) else part for part in result)


def lent(run, program):
    return run.warm(program + LENT)[1].splitlines()[-1].decode()


def test_module_utils_that_were_executed_before(run, payload, until):
    first, second = payload("first"), payload("second")
    assert run.local(first)[0] == 0, run.local(first)
    assert comparable(run.warm(first)) == comparable(run.local(first))
    until(lambda: "warm_basic" in lent(run, first))
    for program in (first, second, first):
        assert comparable(run.warm(program)) == comparable(run.local(program))
    for own in ("warm_located", "warm_choice", "warm_broken"):
        assert own not in lent(run, second)


CHANGES = {
    "a source is another": {"ansible/module_utils/warm_common/text.py": "def shout(word):\n    return word * 3\n"},
    "a source is longer": {"ansible/module_utils/warm_basic.py": SOURCES["ansible/module_utils/warm_basic.py"] + "#"},
    "a module is a package": {
        "ansible/module_utils/warm_common/text.py": None,
        "ansible/module_utils/warm_common/text/__init__.py": "def shout(word):\n    return 'package'\n",
    },
    "a module more": {"ansible/module_utils/warm_optional.py": "A = 1\n"},
    "a module less": {"ansible/module_utils/warm_common/unused.py": None},
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_payload_with_other_sources_gets_its_own(run, payload, until, what):
    first, other = payload("first"), payload("other", **CHANGES[what])
    until(lambda: "warm_basic" in lent(run, first))
    for program in (other, first, other):
        assert comparable(run.warm(program)) == comparable(run.local(program))
