# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Lambda functions run: with their code, environment, limits and log, called directly or asynchronously."""

import base64
import io
import json
import re
import textwrap
import time
import zipfile

import pytest

from sandbox import Sandbox

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ],
    }
)
LOGS = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"


def zipped(**modules):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        for name, code in modules.items():
            file.writestr(f"{name}.py", textwrap.dedent(code))
    return archive.getvalue()


@pytest.fixture
def role(client):
    iam = client("iam")
    arn = iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="function", PolicyArn=LOGS)
    return arn


@pytest.fixture
def make(client, role):
    """Make a function of this code, and answer what calls it."""

    def make(code, name="main-test", **settings):
        functions = client("lambda")
        settings = {"Handler": "index.handler", "Runtime": "python3.13", "Role": role, **settings}
        functions.create_function(FunctionName=name, Code={"ZipFile": zipped(index=code)}, **settings)

        def call(event=None, **how):
            payload = {} if event is None else {"Payload": json.dumps(event)}
            answer = functions.invoke(FunctionName=name, **payload, **how)
            return answer, json.loads(answer["Payload"].read() or b"null")

        return call

    return make


def logged(client, group="/aws/lambda/main-test"):
    return [event["message"] for event in client("logs").filter_log_events(logGroupName=group)["events"]]


ECHO = """
    import os, sys, boto3

    def handler(event, context):
        print("hello", event)
        sys.stderr.write("and this\\n")
        return {
            "event": event,
            "who": boto3.client("sts").get_caller_identity()["Arn"],
            "region": boto3.client("ec2").meta.region_name,
            "own": os.environ["OWN"],
            "name": [os.environ["AWS_LAMBDA_FUNCTION_NAME"], context.function_name],
            "context": [context.memory_limit_in_mb, context.invoked_function_arn, context.function_version],
            "stream": context.log_stream_name == os.environ["AWS_LAMBDA_LOG_STREAM_NAME"],
            "left": context.get_remaining_time_in_millis(),
            "files": sorted(os.listdir(os.environ["LAMBDA_TASK_ROOT"])),
            "sandbox": "sandbox" in sys.modules or any(path.endswith("/sandbox") for path in sys.path),
        }
"""


def test_a_function_runs_as_its_role_and_logs(client, make):
    call = make(ECHO, Timeout=20, MemorySize=256, Environment={"Variables": {"OWN": "value"}})
    answer, told = call({"a": 1}, LogType="Tail")
    assert (answer["StatusCode"], answer["ExecutedVersion"], "FunctionError" in answer) == (200, "$LATEST", False)
    arn = f"arn:aws:lambda:ap-northeast-1:{client.account}:function:main-test"
    assert told.pop("who") == f"arn:aws:sts::{client.account}:assumed-role/function/main-test"
    assert 15000 < told.pop("left") <= 20000
    assert told == {
        "event": {"a": 1},
        "region": "ap-northeast-1",
        "own": "value",
        "name": ["main-test", "main-test"],
        "context": ["256", arn, "$LATEST"],
        "stream": True,
        "files": ["index.py"],
        "sandbox": False,
    }
    lines = logged(client)
    assert [line.split()[0] for line in lines] == ["START", "hello", "and", "END", "REPORT"]
    assert re.search(r"Duration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\tMax Memory", lines[-1])
    assert base64.b64decode(answer["LogResult"]).decode().splitlines()[1] == "hello {'a': 1}"


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("def handler(event, context):\n    raise LookupError('no such thing')", "LookupError", "no such thing"),
        ("import missing", "Runtime.ImportModuleError", "Unable to import module 'index': No module named 'missing'"),
        ("other = 1", "Runtime.HandlerNotFound", "Handler 'handler' missing on module 'index'"),
        ("def handler(", "Runtime.UserCodeSyntaxError", "Syntax error in module 'index': .*"),
        ("def handler(event, context):\n    return {1, 2}", "Runtime.MarshalError", "Unable to marshal response: .*"),
        ("import os\ndef handler(event, context):\n    os._exit(3)", "Runtime.ExitError", ".*error: exit status 3"),
        ("def handler(event, context):\n    return len('x' * (3 << 30))", "MemoryError", ""),
    ],
)
def test_errors(client, make, code, kind, message):
    answer, told = make(code)({})
    assert (answer["StatusCode"], answer["FunctionError"], told["errorType"]) == (200, "Unhandled", kind)
    assert re.fullmatch(message, told["errorMessage"])
    if kind == "LookupError":
        assert re.fullmatch(r'  File ".*/task/index.py", line 2, in handler\n    raise .*\n', told["stackTrace"][0])
        assert len(told["stackTrace"]) == 1
        assert "[ERROR] LookupError: no such thing" in logged(client)


def test_a_timeout(client, make):
    call = make(
        "import time\ndef handler(event, context):\n    print('so far', flush=True)\n    time.sleep(30)", Timeout=1
    )
    started = time.monotonic()
    answer, told = call()
    assert time.monotonic() - started < 25
    assert answer["FunctionError"] == "Unhandled"
    assert told["errorType"] == "Sandbox.Timedout"
    assert told["errorMessage"].endswith("Error: Task timed out after 1.00 seconds")
    lines = logged(client)
    assert lines[1] == "so far"
    assert lines[2].endswith("Task timed out after 1.00 seconds")


def test_others_are_served_meanwhile(client, make):
    """It may even call itself, or anything else of the sandbox."""
    call = make(
        """
        import boto3, json

        def handler(event, context):
            if event["depth"] == 0:
                return "bottom"
            answer = boto3.client("lambda").invoke(
                FunctionName=context.function_name, Payload=json.dumps({"depth": event["depth"] - 1})
            )
            return json.load(answer["Payload"])
        """,
        Timeout=20,
    )
    assert call({"depth": 2})[1] == "bottom"


def test_what_is_refused(client, make, role, refused):
    call = make("def handler(event, context):\n    pass")
    functions = client("lambda")
    assert call({}, InvocationType="DryRun")[0]["StatusCode"] == 204
    assert "/aws/lambda/main-test" not in str(client("logs").describe_log_groups()["logGroups"])
    with refused("InvalidRequestContentException"):
        functions.invoke(FunctionName="main-test", Payload=b"{")
    with refused("ResourceNotFoundException"):
        functions.invoke(FunctionName="other")
    make("", name="node", Runtime="nodejs22.x")
    with refused("InvalidRuntimeException"):
        functions.invoke(FunctionName="node")
    functions.put_function_concurrency(FunctionName="main-test", ReservedConcurrentExecutions=0)
    with refused("TooManyRequestsException"):
        functions.invoke(FunctionName="main-test")


def test_settings_that_moto_drops(client, make, role, refused):
    dead = {"TargetArn": "arn:aws:sqs:ap-northeast-1:123456789012:dead"}
    functions = client("lambda")
    with refused("InvalidParameterValueException") as error:
        make("", DeadLetterConfig=dead)
    assert "execution role does not have permissions to call SendMessage on SQS" in str(error.value)
    _allow(client, "sqs:SendMessage", dead["TargetArn"])
    make("", DeadLetterConfig=dead)
    known = functions.get_function_configuration(FunctionName="main-test")
    assert known["DeadLetterConfig"] == dead
    assert known["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/aws/lambda/main-test"}
    changed = functions.update_function_configuration(
        FunctionName="main-test",
        DeadLetterConfig={"TargetArn": ""},
        LoggingConfig={"LogGroup": "/main/functions"},
        TracingConfig={"Mode": "Active"},
        EphemeralStorage={"Size": 1024},
        KMSKeyArn="arn:aws:kms:ap-northeast-1:123456789012:key/1",
    )
    assert "DeadLetterConfig" not in changed
    assert changed["LoggingConfig"] == {"LogFormat": "Text", "LogGroup": "/main/functions"}
    assert (changed["TracingConfig"], changed["EphemeralStorage"]) == ({"Mode": "Active"}, {"Size": 1024})
    assert changed["KMSKeyArn"].endswith("key/1")
    functions.put_function_event_invoke_config(
        FunctionName="main-test", MaximumRetryAttempts=0, MaximumEventAgeInSeconds=60
    )
    functions.update_function_event_invoke_config(FunctionName="main-test", MaximumRetryAttempts=1)
    known = functions.get_function_event_invoke_config(FunctionName="main-test")
    assert (known["MaximumRetryAttempts"], known["MaximumEventAgeInSeconds"]) == (1, 60)


def test_a_log_group_of_its_own(client, make):
    call = make("def handler(event, context):\n    print('here')", LoggingConfig={"LogGroup": "/main/functions"})
    call()
    assert "here" in logged(client, "/main/functions")
    # Without the right to log there is no log, and no error.
    client("iam").detach_role_policy(RoleName="function", PolicyArn=LOGS)
    call()
    assert logged(client, "/main/functions").count("here") == 1


def test_a_layer(client, make):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("python/shared.py", "VALUE = 42")
    layer = client("lambda").publish_layer_version(LayerName="shared", Content={"ZipFile": archive.getvalue()})
    call = make(
        "import shared\ndef handler(event, context):\n    return shared.VALUE", Layers=[layer["LayerVersionArn"]]
    )
    assert call()[1] == 42


# Asynchronous calls


def _received(client, url):
    got = client("sqs").receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"], VisibilityTimeout=0
    )
    return got.get("Messages", [])


def _queue(client, name):
    sqs = client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    return url, sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def _allow(client, action, arn):
    statement = {"Effect": "Allow", "Action": action, "Resource": arn}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    client("iam").put_role_policy(RoleName="function", PolicyName="send", PolicyDocument=document)


FAILING = "def handler(event, context):\n    raise ValueError('never')"


def test_what_fails_is_tried_again_and_ends_in_the_dead_letter_queue(sandbox, client, make):
    url, arn = _queue(client, "dead")
    _allow(client, "sqs:SendMessage", arn)
    call = make(FAILING, DeadLetterConfig={"TargetArn": arn})
    answer, nothing = call({"a": 1}, InvocationType="Event")
    assert (answer["StatusCode"], nothing) == (202, None)
    sandbox.settle()
    [message] = _received(client, url)
    assert json.loads(message["Body"]) == {"a": 1}
    attributes = {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}
    assert (attributes["ErrorCode"], attributes["ErrorMessage"]) == ("200", "never")
    starts = [line for line in logged(client) if line.startswith("START")]
    assert len(starts) == 3
    assert all(attributes["RequestID"] in line for line in starts)


def test_destinations(sandbox, client, make):
    url, arn = _queue(client, "results")
    code = "def handler(event, context):\n    if event['fail']:\n        raise ValueError('never')\n    return 'done'"
    call = make(code)
    destinations = {kind: {"Destination": arn} for kind in ("OnSuccess", "OnFailure")}
    client("lambda").put_function_event_invoke_config(
        FunctionName="main-test", MaximumRetryAttempts=1, DestinationConfig=destinations
    )
    call({"fail": False}, InvocationType="Event")
    sandbox.settle()
    # The role may not yet.
    assert _received(client, url) == []
    _allow(client, "sqs:SendMessage", arn)
    for fail in (False, True):
        call({"fail": fail}, InvocationType="Event")
    sandbox.settle()
    done, failed = sorted(
        (json.loads(message["Body"]) for message in _received(client, url)), key=lambda record: "condition" in record
    )
    if done["requestPayload"]["fail"]:
        done, failed = failed, done
    assert done["requestContext"]["condition"] == "Success"
    assert (done["responsePayload"], done["requestPayload"]) == ("done", {"fail": False})
    assert failed["requestContext"]["condition"] == "RetriesExhausted"
    assert failed["requestContext"]["approximateInvokeCount"] == 2
    assert failed["requestContext"]["functionArn"].endswith(":function:main-test:$LATEST")
    assert failed["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert failed["responsePayload"]["errorMessage"] == "never"


def test_without_concurrency_it_is_not_even_tried(sandbox, client, make):
    url, arn = _queue(client, "dead")
    _allow(client, "sqs:SendMessage", arn)
    call = make(FAILING, DeadLetterConfig={"TargetArn": arn})
    client("lambda").put_function_concurrency(FunctionName="main-test", ReservedConcurrentExecutions=0)
    call({}, InvocationType="Event")
    sandbox.settle()
    [message] = _received(client, url)
    assert message["MessageAttributes"]["ErrorCode"]["StringValue"] == "429"


# Queues


def test_a_queue_is_read(sandbox, client, make, refused):
    url, arn = _queue(client, "work")
    sqs, functions = client("sqs"), client("lambda")
    make("def handler(event, context):\n    print([record['body'] for record in event['Records']])")
    sqs.send_message(QueueUrl=url, MessageBody="before")
    mapping = {"FunctionName": "main-test", "EventSourceArn": arn}
    with refused("InvalidParameterValueException") as error:
        functions.create_event_source_mapping(**mapping)
    assert "execution role does not have permissions to call ReceiveMessage on SQS" in str(error.value)
    _allow(client, ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], arn)
    name = functions.create_event_source_mapping(**mapping)["UUID"]
    sandbox.settle()
    sqs.send_message(QueueUrl=url, MessageBody="after")
    sandbox.settle()
    assert [line for line in logged(client) if line.startswith("[")] == ["['before']", "['after']"]
    functions.delete_event_source_mapping(UUID=name)
    sqs.send_message(QueueUrl=url, MessageBody="later")
    sandbox.settle()
    assert [message["Body"] for message in _received(client, url)] == ["later"]


def test_what_of_a_batch_failed_is_read_again_and_ends_in_the_dead_letter_queue(sandbox, client, make):
    sqs = client("sqs")
    dead_url, dead = _queue(client, "dead")
    url, arn = _queue(client, "work")
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": redrive})
    _allow(client, "sqs:*", arn)
    make(
        """
        def handler(event, context):
            records = event["Records"]
            print([[record["body"], record["attributes"]["ApproximateReceiveCount"]] for record in records])
            failed = [record["messageId"] for record in records if "bad" in record["body"]]
            return {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
        """
    )
    entries = [{"Id": str(number), "MessageBody": body} for number, body in enumerate(["good", "bad"])]
    sqs.send_message_batch(QueueUrl=url, Entries=entries)
    client("lambda").create_event_source_mapping(
        FunctionName="main-test", EventSourceArn=arn, FunctionResponseTypes=["ReportBatchItemFailures"]
    )
    sandbox.settle()
    lines = [line for line in logged(client) if line.startswith("[")]
    assert lines == ["[['good', '1'], ['bad', '1']]", "[['bad', '2']]"]
    assert _received(client, url) == []
    assert [message["Body"] for message in _received(client, dead_url)] == ["bad"]


def test_the_clock_a_copy_and_a_reset():
    """With a clock, an attempt takes its time; a copy has what was delivered; a reset ends what runs."""
    with Sandbox(clock=60) as sandbox:
        iam, functions = sandbox.client("iam"), sandbox.client("lambda")
        role = iam.create_role(RoleName="function", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        iam.attach_role_policy(RoleName="function", PolicyArn=LOGS)
        settings = {"Role": role, "Runtime": "python3.13", "Handler": "index.handler", "Timeout": 60}
        functions.create_function(FunctionName="failing", Code={"ZipFile": zipped(index=FAILING)}, **settings)
        code = "import time\ndef handler(event, context):\n    time.sleep(40)"
        functions.create_function(FunctionName="slow", Code={"ZipFile": zipped(index=code)}, **settings)

        def attempts(of):
            events = of.client("logs").filter_log_events(logGroupName="/aws/lambda/failing")["events"]
            return len([event for event in events if event["message"].startswith("START")])

        functions.invoke(FunctionName="failing", InvocationType="Event", Payload="{}")
        sandbox.settle()
        assert attempts(sandbox) == 1
        time.sleep(1.1)
        sandbox.settle()
        assert attempts(sandbox) == 2
        with sandbox.copy() as copy:
            assert attempts(copy) == 2
            copy.client("lambda").invoke(FunctionName="failing", InvocationType="Event", Payload="{}")
            copy.clock(0)
            copy.settle()
            assert (attempts(copy), attempts(sandbox)) == (6, 2)
        functions.invoke(FunctionName="slow", InvocationType="Event", Payload="{}")
        time.sleep(1)
        started = time.monotonic()
        sandbox.reset()
        sandbox.settle()
        assert time.monotonic() - started < 25
        assert functions.list_functions()["Functions"] == []
