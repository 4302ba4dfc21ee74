# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

import io
import os
import zipfile

import pytest
from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.wellarchitected.aws.plugins.modules.lambda_function import archive, digest, read


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "report"
    (folder / "__pycache__").mkdir(parents=True)
    (folder / "__pycache__" / "main.cpython-313.pyc").write_bytes(b"compiled")
    (folder / "main.py").write_text("ANSWER = 42\n")
    (folder / "run").write_text("#!/bin/sh\n")
    (folder / "run").chmod(0o700)
    return folder


def test_the_same_files_make_the_same_archive(source):
    before = archive([source])
    os.utime(source / "main.py", (1, 1))
    (source / "main.py").chmod(0o600)
    assert archive([source]) == before
    (source / "main.py").write_text("ANSWER = 43\n")
    assert archive([source]) != before


def test_folders_and_files_stand_at_the_top(source, tmp_path):
    (tmp_path / "other.py").write_text("")
    with zipfile.ZipFile(io.BytesIO(archive([source, tmp_path / "other.py"]))) as made:
        assert made.namelist() == ["other.py", "report/main.py", "report/run"]
        modes = {entry.filename: oct(entry.external_attr >> 16) for entry in made.infolist()}
        assert made.testzip() is None
    assert modes == {"other.py": "0o100644", "report/main.py": "0o100644", "report/run": "0o100755"}


def test_nothing_is_no_code(tmp_path):
    with pytest.raises(AnsibleAWSError, match="has no files"):
        archive([tmp_path])


def test_digest():
    assert digest(b"") == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="


def test_read_of_one_for_which_little_was_said():
    state = read(
        {
            "Configuration": {
                "FunctionName": "example",
                "FunctionArn": "arn:aws:lambda:eu-west-1:123456789012:function:example",
                "CodeSha256": "hash",
                "Role": "arn:aws:iam::123456789012:role/example",
                "Timeout": 3,
                "MemorySize": 128,
            }
        }
    )
    assert (state["architecture"], state["environment_variables"], state["tags"]) == ("x86_64", {}, {})
    assert state["reserved_concurrent_executions"] == -1
