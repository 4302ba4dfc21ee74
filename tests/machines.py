# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Machines of the sandbox for tests, and how to look into them."""

import json
import subprocess
import time

from sandbox.hosts import requirements

REGION = "ap-northeast-1"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
IMAGES = {"debian": "ami-0123456789abcdef0", "ubuntu": "ami-785db401"}
PLUGIN = requirements.__file__.replace("requirements.py", "session-manager-plugin")


def eventually(question, seconds=30):
    """The first answer that is true."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        answer = question()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"{question} did not become true in {seconds} s.")


class Site:
    """A sandbox with machines, and how to make some and to look into them."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.ec2, self.iam, self.ssm, self.s3, self.logs = (
            sandbox.client(service, REGION) for service in ("ec2", "iam", "ssm", "s3", "logs")
        )
        vpc = self.ec2.create_vpc(CidrBlock="192.0.2.0/24")["Vpc"]["VpcId"]
        self.subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="192.0.2.0/25")["Subnet"]["SubnetId"]
        self.vpc = vpc
        self.iam.create_role(RoleName="host", AssumeRolePolicyDocument=json.dumps(TRUST))
        for policy in ("AmazonSSMManagedInstanceCore", "AmazonS3FullAccess", "CloudWatchLogsFullAccess"):
            self.iam.attach_role_policy(RoleName="host", PolicyArn=f"arn:aws:iam::aws:policy/{policy}")
        self.iam.create_instance_profile(InstanceProfileName="host")
        self.iam.add_role_to_instance_profile(InstanceProfileName="host", RoleName="host")

    def launch(self, image=IMAGES["debian"], **options):
        given = {"MetadataOptions": {"HttpTokens": "required", "InstanceMetadataTags": "enabled"}, **options}
        tags = [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "example"}]}]
        [instance] = self.ec2.run_instances(
            ImageId=image,
            MinCount=1,
            MaxCount=1,
            SubnetId=self.subnet,
            IamInstanceProfile={"Name": "host"},
            TagSpecifications=tags,
            **given,
        )["Instances"]
        self.wait(instance["InstanceId"])
        return instance["InstanceId"]

    def connected(self, instance):
        return self.ssm.get_connection_status(Target=instance)["Status"] == "connected"

    def wait(self, instance):
        eventually(lambda: self.connected(instance))

    def state(self, instance):
        [reservation] = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        return reservation["Instances"][0]["State"]["Name"]

    def type(self, instance, *lines, document=None):
        """What a session shows in which these lines are typed, and its id."""
        wanted = {"Target": instance, **({"DocumentName": document} if document else {})}
        answer = self.ssm.start_session(**wanted)
        answer.pop("ResponseMetadata")
        command = [PLUGIN, json.dumps(answer), REGION, "StartSession", "", json.dumps(wanted), self.sandbox.endpoint]
        typed = "".join(f"{line}\n" for line in ("stty -echo", "PS1=", *lines, "exit"))
        done = subprocess.run(command, input=typed, capture_output=True, text=True, timeout=20, check=True)
        return done.stdout.replace("\r", ""), answer["SessionId"]

    def run(self, instance, script):
        """What a script of one line prints in a machine, as root."""
        # All in a line, as sudo reads what is typed ahead.
        shown, _ = self.type(instance, f"echo '<<<'; sudo sh -c '{script}'; echo '>>>'; exit")
        return shown.rpartition("<<<\n")[2].partition(">>>\n")[0].strip()
