# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

import datetime


def test_a_metric_is_read(modules):
    arguments = {"namespace": "Shop", "metric_name": "Orders", "dimensions": {"Shop": "tokyo"}, "statistic": "Sum"}
    nothing = modules.run("cloudwatch_metric_info", **arguments)
    assert (nothing["datapoints"], nothing["latest"]) == ([], None)
    now = datetime.datetime.now(datetime.UTC)
    datum = {"MetricName": "Orders", "Dimensions": [{"Name": "Shop", "Value": "tokyo"}], "Unit": "Count"}
    modules.sandbox.client("cloudwatch", "ap-northeast-1").put_metric_data(
        Namespace="Shop",
        MetricData=[
            {**datum, "Value": value, "Timestamp": now - datetime.timedelta(seconds=age)}
            for value, age in ((1, 130), (4, 70), (2, 5))
        ],
    )
    found = modules.run("cloudwatch_metric_info", check=True, **arguments)
    assert not found["changed"]
    assert found["latest"]["value"] == 2
    assert sum(point["value"] for point in found["datapoints"]) == 7
    assert found["msg"] == "Orders of tokyo is 2 Count"
