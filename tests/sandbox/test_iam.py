# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What IAM and STS answer, where moto lacks it or has it wrong."""

import json

import pytest

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        ],
    }
)


def document(action="s3:GetObject"):
    statement = {"Effect": "Allow", "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


@pytest.fixture
def iam(client):
    return client("iam", "us-east-1")


@pytest.fixture
def policy(iam):
    return iam.create_policy(PolicyName="read", PolicyDocument=document())["Policy"]["Arn"]


def test_password_policy(iam, refused):
    with refused("NoSuchEntity"):
        iam.get_account_password_policy()
    wanted = {
        "MinimumPasswordLength": 14,
        "RequireSymbols": True,
        "RequireNumbers": True,
        "RequireUppercaseCharacters": True,
        "RequireLowercaseCharacters": True,
        "AllowUsersToChangePassword": True,
        "MaxPasswordAge": 90,
        "PasswordReusePrevention": 24,
        "HardExpiry": False,
    }
    iam.update_account_password_policy(**wanted)
    assert iam.get_account_password_policy()["PasswordPolicy"] == {**wanted, "ExpirePasswords": True}
    iam.delete_account_password_policy()
    with refused("NoSuchEntity"):
        iam.delete_account_password_policy()


def test_a_role_with_a_boundary(iam, policy, refused):
    role = iam.create_role(
        RoleName="web",
        AssumeRolePolicyDocument=TRUST,
        PermissionsBoundary=policy,
        Tags=[{"Key": "Name", "Value": "web"}],
        MaxSessionDuration=7200,
        Description="Web servers",
    )["Role"]
    assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == policy
    assert iam.get_role(RoleName="web")["Role"]["Tags"] == [{"Key": "Name", "Value": "web"}]
    iam.delete_role_permissions_boundary(RoleName="web")
    assert "PermissionsBoundary" not in iam.get_role(RoleName="web")["Role"]
    with refused("NoSuchEntity"):
        iam.put_role_permissions_boundary(RoleName="web", PermissionsBoundary=f"{policy}-that-is-not-there")
    with refused("NoSuchEntity"):
        iam.create_role(
            RoleName="other", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=f"{policy}-that-is-not-there"
        )


def test_a_role_in_use_stays(iam, policy, refused):
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=TRUST)
    iam.attach_role_policy(RoleName="web", PolicyArn=policy)
    iam.put_role_policy(RoleName="web", PolicyName="inline", PolicyDocument=document())
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    with refused("LimitExceeded"):
        iam.create_role(RoleName="second", AssumeRolePolicyDocument=TRUST)
        iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="second")
    with refused("DeleteConflict"):
        iam.delete_instance_profile(InstanceProfileName="web")
    for undo in (
        lambda: iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName="web"),
        lambda: iam.detach_role_policy(RoleName="web", PolicyArn=policy),
        lambda: iam.delete_role_policy(RoleName="web", PolicyName="inline"),
    ):
        with refused("DeleteConflict"):
            iam.delete_role(RoleName="web")
        undo()
    iam.delete_role(RoleName="web")
    iam.delete_instance_profile(InstanceProfileName="web")
    with refused("NoSuchEntity"):
        iam.get_role(RoleName="web")


def test_a_policy_has_five_versions_and_stays_while_in_use(iam, policy, refused):
    for number in range(2, 6):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=document(f"s3:Get{number}"), SetAsDefault=True)
    with refused("LimitExceeded"):
        iam.create_policy_version(PolicyArn=policy, PolicyDocument=document(), SetAsDefault=True)
    assert iam.get_policy(PolicyArn=policy)["Policy"]["DefaultVersionId"] == "v5"
    read = iam.get_policy_version(PolicyArn=policy, VersionId="v5")["PolicyVersion"]["Document"]
    assert read["Statement"][0]["Action"] == "s3:Get5"
    with refused("DeleteConflict"):
        iam.delete_policy_version(PolicyArn=policy, VersionId="v5")
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policy)
    for number in range(1, 5):
        iam.delete_policy_version(PolicyArn=policy, VersionId=f"v{number}")
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=TRUST, PermissionsBoundary=policy)
    iam.attach_role_policy(RoleName="web", PolicyArn=policy)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policy)
    iam.detach_role_policy(RoleName="web", PolicyArn=policy)
    with refused("DeleteConflict"):
        iam.delete_policy(PolicyArn=policy)
    iam.delete_role(RoleName="web")
    iam.delete_policy(PolicyArn=policy)
    with refused("NoSuchEntity"):
        iam.get_policy(PolicyArn=policy)


def test_service_linked_roles(iam, refused):
    role = iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")["Role"]
    assert role["Path"] == "/aws-service-role/autoscaling.amazonaws.com/"
    assert role["RoleName"] == "AWSServiceRoleForAutoScaling"
    with refused("InvalidInput"):
        iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com")
    with refused("UnmodifiableEntity"):
        iam.delete_role(RoleName=role["RoleName"])
    task = iam.delete_service_linked_role(RoleName=role["RoleName"])["DeletionTaskId"]
    assert iam.get_service_linked_role_deletion_status(DeletionTaskId=task)["Status"] == "SUCCEEDED"
    with refused("NoSuchEntity"):
        iam.get_role(RoleName=role["RoleName"])


def test_a_malformed_policy(iam, refused):
    with refused("MalformedPolicyDocument"):
        iam.create_policy(PolicyName="x", PolicyDocument="{")
    with refused("MalformedPolicyDocument"):
        iam.create_role(RoleName="x", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": [{}]}')


def test_policies_of_aws_are_there(iam):
    arn = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    assert iam.get_policy(PolicyArn=arn)["Policy"]["PolicyName"] == "AmazonSSMManagedInstanceCore"


def test_who_am_i_and_who_i_become(client, sandbox, iam):
    sts = client("sts")
    assert sts.get_caller_identity()["Account"] == client.account
    arn = iam.create_role(RoleName="deploy", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    credentials = sandbox.client("sts").assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    assert credentials["AccessKeyId"].startswith("ASIA")
    identity = sandbox.client(
        "sts",
        credentials=(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"]),
    ).get_caller_identity()
    assert identity["Account"] == client.account
    assert identity["Arn"] == f"arn:aws:sts::{client.account}:assumed-role/deploy/session"
