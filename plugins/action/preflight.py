# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Checks the whole description of an estate before anything is touched. Documented in plugins/modules/preflight.py."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible_collections.wellarchitected.aws.plugins.plugin_utils.preflight import (
    Cell,
    Layer,
    check_description,
    check_hosts,
)

try:
    from ansible._internal._datatag._tags import Origin
except ImportError:  # A future ansible-core may keep it elsewhere; then the file and line are simply not said.
    Origin = None

COLLECTION = Path(__file__).resolve().parents[2]
ESTATE = COLLECTION / "playbooks" / "estate.yml"
HOSTS = COLLECTION / "playbooks" / "hosts.yml"
GOLDEN_IMAGE = COLLECTION / "playbooks" / "golden_image.yml"
SHARED_LAYER = "estate"


def origin_of(value) -> str:
    """Where a variable was set, as ``file:line`` relative to the working directory; empty when that is not known."""
    origin = Origin.get_tag(value) if Origin else None
    if not origin or not origin.path:
        return ""
    path = Path(origin.path)
    if path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return f"{path}:{origin.line_num}" if origin.line_num else str(path)


class ActionModule(ActionBase):
    """Runs once for all cells of the play."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _VALID_ARGS = frozenset(("answers", "playbook"))

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        of_hosts = self._task.args.get("playbook") == "hosts"
        problems = self._wrong_hosts(task_vars) if of_hosts else self._wrong_cells(task_vars)
        result.update(changed=False, problems=problems)
        if problems:
            count = "one thing is" if len(problems) == 1 else f"{len(problems)} things are"
            listed = "\n".join(f"  - {problem}" for problem in problems)
            result.update(
                failed=True, msg=f"Nothing was touched, because {count} wrong with the description:\n{listed}"
            )
        return result

    def _wrong_cells(self, task_vars: dict) -> list[str]:
        """What is wrong with the description of the estate."""
        answers = self._task.args.get("answers") or {}
        # Images are made by a playbook of their own, and described with the estate; where they are made is what counts.
        tasks = self._tasks(ESTATE) + [
            (play, task)
            for play, task in self._tasks(GOLDEN_IMAGE)
            if "tasks_from" not in task["ansible.builtin.import_role"]
        ]
        places = self._places(tasks)
        layers = self._layers([SHARED_LAYER, *sorted(places)])
        defaults = self._defaults(layers)
        cells = [
            self._cell(name, layers, defaults, self._said(tasks), places, answers.get(name) or {}, task_vars)
            for name in task_vars["ansible_play_hosts_all"]
        ]
        known = [*layers, *self._layers(sorted(self._places(self._tasks(HOSTS))))]
        return check_description(layers, cells, known)

    def _wrong_hosts(self, task_vars: dict) -> list[str]:
        """What is wrong with the inputs of the host roles."""
        places = self._places(self._tasks(HOSTS))
        layers = self._layers(sorted(places))
        inputs = {option for layer in layers for option in layer.options}
        defaults = self._defaults(layers)
        alike: dict[str, str] = {}
        for name in task_vars["ansible_play_hosts_all"]:
            given = task_vars["hostvars"].raw_get(name)
            alike.setdefault(repr(sorted((key, given[key]) for key in inputs & given.keys())), name)
        hosts = [self._cell(name, layers, defaults, {}, places, {}, task_vars) for name in alike.values()]
        return check_hosts(layers, hosts)

    def _tasks(self, path: Path) -> list[tuple[dict, dict]]:
        """The tasks of a playbook that run roles, with their plays; those of files that it imports, too."""
        tasks = [(play, task) for play in self._load(path) for task in self._spread(play.get("tasks", []), path.parent)]
        return [(play, task) for play, task in tasks if "ansible.builtin.import_role" in task]

    def _spread(self, tasks: list[dict], folder: Path) -> Iterator[dict]:
        """Tasks, with those of files in the place of what imports them."""
        for task in tasks:
            if "ansible.builtin.import_tasks" in task:
                file = folder / task["ansible.builtin.import_tasks"]
                yield from self._spread(self._load(file), file.parent)
            else:
                yield task

    def _load(self, path: Path) -> dict:
        if not path.exists():
            return {}
        # unsafe is Ansible's word for leaving out a copy, which takes longer than reading; nothing here changes it.
        return self._loader.load_from_file(str(path), unsafe=True, trusted_as_template=True) or {}

    def _places(self, tasks: list[tuple[dict, dict]]) -> dict[str, list[tuple[list[str], str | bool]]]:
        """Where each layer runs, as the playbook of the estate says: the groups of a play and a condition."""
        places: dict[str, list[tuple[list[str], str | bool]]] = {}
        for play, task in tasks:
            layer = task["ansible.builtin.import_role"]["name"].removeprefix("wellarchitected.aws.")
            # The first of a group is looked at where any of it would be.
            groups = [group.partition("[")[0] for group in play["hosts"].split(":")]
            places.setdefault(layer, []).append((groups, task.get("when", True)))
        return places

    def _said(self, tasks: list[tuple[dict, dict]]) -> dict:
        """The inputs that the playbook of the estate sets itself; it wins over what people set."""
        said: dict = {}
        for _play, task in tasks:
            # A layer that runs in two parts is told how by the first.
            said = task.get("vars", {}) | said
        return said

    def _layers(self, names: list[str]) -> list[Layer]:
        """The layers with their inputs."""
        layers = []
        for name in names:
            meta = COLLECTION / "roles" / name / "meta"
            options = self._load(meta / "argument_specs.yml")["argument_specs"]["main"]["options"]
            layers.append(Layer(name, options, self._load(meta / "renamed_inputs.yml")))
        return layers

    def _runs(self, name: str, task_vars: dict) -> bool:
        """Whether the tags of this run let a layer through."""
        run, skip = set(task_vars.get("ansible_run_tags") or ["all"]), set(task_vars.get("ansible_skip_tags") or [])
        return name not in skip and bool(run & {"all", "always", "tagged", name})

    def _defaults(self, layers: list[Layer]) -> dict:
        """What the roles themselves say, not computed yet."""
        variables = {}
        for layer in layers:
            for kind in ("defaults", "vars"):
                variables |= self._load(COLLECTION / "roles" / layer.name / kind / "main.yml")
        return variables

    def _cell(
        self,
        name: str,
        layers: list[Layer],
        defaults: dict,
        said: dict,
        places: dict,
        answer: dict,
        task_vars: dict,
    ) -> Cell:
        """A cell with the values of all inputs: what the playbook sets, or somebody, or else the roles' defaults."""
        given = task_vars["hostvars"].raw_get(name)
        variables = defaults | given | said
        templar = Templar(loader=self._loader, variables=variables)
        values, uncomputed = {}, {}
        for option in (option for layer in layers for option in layer.options):
            if option in variables:
                try:
                    values[option] = templar.template(variables[option])
                except AnsibleError as error:
                    uncomputed[option] = str(error)
        running = [SHARED_LAYER] + [
            layer
            for layer, where in sorted(places.items())
            if self._runs(layer, task_vars)
            and any(
                name in (host for group in groups for host in task_vars["groups"].get(group, []))
                and templar.evaluate_conditional(condition)
                for groups, condition in where
            )
        ]
        inputs = {option for layer in layers for option in layer.options}
        origins = {
            key: origin_of(value)
            for key, value in given.items()
            if key in inputs or not key.startswith(("ansible_", "__", "inventory_", "group", "omit", "play", "role_"))
        }
        return Cell(
            name=name,
            values=values,
            layers=running,
            origins=origins,
            account_id=answer.get("account_id"),
            zones=(answer.get("estate") or {}).get("zones") or [],
            refusal=str(answer.get("msg", "no answer")) if answer.get("failed") else None,
            # A default that cannot be computed follows from something that somebody set, where there is such a thing.
            uncomputed={option: why for option, why in uncomputed.items() if option in given} or uncomputed,
        )
