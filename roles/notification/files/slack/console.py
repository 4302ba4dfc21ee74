# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Where in AWS's console something is seen."""

from __future__ import annotations

from urllib.parse import quote

_DOMAINS = (("cn-", "console.amazonaws.cn"), ("us-gov-", "console.amazonaws-us-gov.com"))

# The page of a resource, by service and kind of its ARN; {id} is what follows the kind.
_PAGES = {
    ("dynamodb", "table"): "dynamodbv2/home?region={region}#table?name={id}",
    ("ec2", "image"): "ec2/home?region={region}#ImageDetails:imageId={id}",
    ("ec2", "instance"): "ec2/home?region={region}#InstanceDetails:instanceId={id}",
    ("ec2", "network-acl"): "vpcconsole/home?region={region}#NetworkAclDetails:networkAclId={id}",
    ("ec2", "security-group"): "ec2/home?region={region}#SecurityGroup:groupId={id}",
    ("ec2", "snapshot"): "ec2/home?region={region}#SnapshotDetails:snapshotId={id}",
    ("ec2", "subnet"): "vpcconsole/home?region={region}#SubnetDetails:subnetId={id}",
    ("ec2", "volume"): "ec2/home?region={region}#VolumeDetails:volumeId={id}",
    ("ec2", "vpc"): "vpcconsole/home?region={region}#VpcDetails:VpcId={id}",
    ("ecr", "repository"): "ecr/repositories/private/{account}/{id}?region={region}",
    ("iam", "role"): "iam/home#/roles/details/{id}",
    ("iam", "user"): "iam/home#/users/details/{id}",
    ("kms", "key"): "kms/home?region={region}#/kms/keys/{id}",
    ("lambda", "function"): "lambda/home?region={region}#/functions/{id}",
    ("rds", "cluster"): "rds/home?region={region}#database:id={id};is-cluster=true",
    ("rds", "db"): "rds/home?region={region}#database:id={id};is-cluster=false",
    ("s3", "bucket"): "s3/buckets/{id}",
    ("secretsmanager", "secret"): "secretsmanager/secret?name={arn}&region={region}",
    ("sns", "topic"): "sns/v3/home?region={region}#/topic/{arn}",
}


def page(region: str, path: str) -> str:
    """A page of the console; a global one without a region."""
    domain = next((domain for prefix, domain in _DOMAINS if region.startswith(prefix)), "console.aws.amazon.com")
    return f"https://{region}.{domain}/{path}" if region else f"https://{domain}/{path}"


def word(text: str) -> str:
    """A name as a part of a link."""
    return quote(text, safe="")


class Arn:
    """The parts of an ARN; all empty when it is none."""

    def __init__(self, text: str):
        parts = text.split(":", 5)
        self.text = text
        self.valid = len(parts) == 6 and parts[0] == "arn"
        self.service, self.region, self.account, rest = parts[2:6] if self.valid else ("", "", "", "")
        if self.service == "s3":
            self.kind, self.id = "bucket", rest.split("/", 1)[0]
        elif self.service == "sns":
            self.kind, self.id = "topic", rest
        else:
            separator = min((mark for mark in "/:" if mark in rest), key=rest.index, default="/")
            self.kind, self.id = (*rest.split(separator, 1), "")[:2]

    @property
    def name(self) -> str:
        """The resource as people call it."""
        return self.id or self.kind or self.text

    def page(self, region: str = "") -> str:
        """The resource's page in the console; "" when there is none in the table."""
        template = _PAGES.get((self.service, self.kind))
        if not template:
            return ""
        region = self.region or region
        # A role's path belongs to its ARN, and not to its name; a function's version not to the function.
        name = self.id.rsplit("/", 1)[-1] if self.service == "iam" else self.id
        name = name.split(":", 1)[0] if self.service == "lambda" else name
        name = name.split("/", 1)[0] if self.service == "dynamodb" else name
        name = name.split("/sha256:", 1)[0] if self.service == "ecr" else name
        values = {"region": region, "account": self.account, "id": quote(name), "arn": word(self.text)}
        return page("" if self.service == "iam" else region, template.format(**values))


def resource(text: str, region: str = "") -> tuple[str, str]:
    """A resource as people call it, and its page, or ""; it may be an ARN or anything else."""
    arn = Arn(text)
    return (f"{arn.name} ({arn.service} {arn.kind})", arn.page(region)) if arn.valid and arn.id else (text, "")
