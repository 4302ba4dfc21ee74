# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Keeps the code that Jinja makes of templates, so that what compiled one before serves all tasks and later runs.

Ansible runs every task in a fork of its own, which compiles each template that the task reaches, those of the group's
variables among them, and those of a loop again for each item. A run of a whole estate compiles ten thousand of them,
seven hundred different ones, and that is a third of all it computes.

The code depends on nothing but what `key` says: Ansible computes no part of a template when it is compiled. On disk
goes only what stands on disk in the clear already, since a template can be written with a secret in it.
"""

from __future__ import annotations

import functools
import hashlib

import ansible
import jinja2

# How Ansible compiles is its own affair, so any of these may go. Then nothing is kept.
try:
    from ansible._internal._datatag._tags import Origin, VaultedValue
    from ansible._internal._templating._jinja_bits import (
        AnsibleEnvironment,
        _CompileStateSmugglingCtx,
        _TemplateCompileContext,
        _TemplateConfig,
    )
except ImportError:
    AnsibleEnvironment = None

from .server import CodeCache, is_private

VAULT = b"$ANSIBLE_VAULT"
# What a template is written with, as jinja2.Environment calls it.
SYNTAX = (
    "block_start_string",
    "block_end_string",
    "variable_start_string",
    "variable_end_string",
    "comment_start_string",
    "comment_end_string",
    "line_statement_prefix",
    "line_comment_prefix",
    "trim_blocks",
    "lstrip_blocks",
    "newline_sequence",
    "keep_trailing_newline",
    "optimized",
    "is_async",
    "sandboxed",
)


def remember(directory):
    """Lets this process, and those that are forked from it, compile each template once.

    :param directory: the user's folder for what is kept from run to run; the connection prunes it
    :returns: whether templates are kept from now on
    """
    cache = CodeCache(directory, limit=0)
    if AnsibleEnvironment is None or not is_private(cache.root, cache.directory):
        return False
    compiled = {}
    compile_template = AnsibleEnvironment.compile

    def compile_once(environment, source, name=None, filename=None, raw=False, defer_init=False):
        arguments = environment, source, name, filename, raw, defer_init
        # Files, expressions that are parsed already, and templates that somebody debugs are compiled as ever.
        if any(arguments[2:]) or not isinstance(source, str) or _CompileStateSmugglingCtx.current(optional=True):
            return compile_template(*arguments)
        which = key(environment, source)
        code = compiled.get(which) or cache.read(which)
        if code is None:
            code = compile_template(*arguments)
            if stands_in_the_clear(source):
                cache.write(which, code)
        compiled[which] = code
        return code

    AnsibleEnvironment.compile = compile_once
    return True


def stands_in_the_clear(source):
    """Whether a template was read from a file as it is there, not out of a vault, nor given with ``-e``."""
    origin = Origin.get_tag(source)
    return bool(origin and origin.path and not VaultedValue.is_tagged_on(source) and is_text(origin.path))


@functools.cache
def is_text(path):
    """Whether there is a file that Ansible Vault has not encrypted."""
    try:
        with open(path, "rb") as file:
            return not file.read(len(VAULT)).startswith(VAULT)
    except OSError:
        return False


def key(environment, source):
    """The name of a template's code in the cache: of all that the code depends on."""
    context = _TemplateCompileContext.current(optional=True)
    depends_on = (
        ansible.__version__,
        jinja2.__version__,
        type(environment).__qualname__,
        sorted(environment.extensions),
        [getattr(environment, name) for name in SYNTAX],
        bool(context and context.escape_backslashes),
        _TemplateConfig.allow_embedded_templates,
        str(source),
    )
    return hashlib.sha256(repr(depends_on).encode()).hexdigest()
