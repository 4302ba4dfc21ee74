# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A service setting is always there; it can be reset."""

from .conftest import REGION

SETTING = "/ssm/documents/console/public-sharing-permission"


def test_story(modules, sandbox):
    ssm = sandbox.client("ssm", REGION)
    arguments = {"setting_id": SETTING, "setting_value": "Disable"}
    foretold = modules.run("ssm_service_setting", check=True, **arguments)
    done = modules.run("ssm_service_setting", **arguments)
    assert foretold["changed"]
    assert done["service_setting"] == foretold["service_setting"]
    assert ssm.get_service_setting(SettingId=SETTING)["ServiceSetting"]["SettingValue"] == "Disable"
    assert not modules.run("ssm_service_setting", **arguments)["changed"]

    reset = modules.run("ssm_service_setting", check=True, setting_id=SETTING, state="absent")
    assert reset["service_setting"]["setting_value"] is None
    assert modules.run("ssm_service_setting", setting_id=SETTING, state="absent")["changed"]
    assert ssm.get_service_setting(SettingId=SETTING)["ServiceSetting"]["Status"] == "Default"
    assert not modules.run("ssm_service_setting", setting_id=SETTING, state="absent")["changed"]
    assert "setting_value" in modules.attempt("ssm_service_setting", setting_id=SETTING)["msg"]
    assert (
        "read the service setting" in modules.attempt("ssm_service_setting", **{**arguments, "setting_id": "/x"})["msg"]
    )
