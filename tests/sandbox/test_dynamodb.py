# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""A table of DynamoDB changes its encryption."""


def test_a_table_gets_another_key_and_loses_it(client):
    dynamodb, key = client("dynamodb"), client("kms").create_key()["KeyMetadata"]["Arn"]
    dynamodb.create_table(
        TableName="example",
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    encrypted = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key}
    answer = dynamodb.update_table(TableName="example", SSESpecification=encrypted)
    assert answer["TableDescription"]["SSEDescription"]["KMSMasterKeyArn"] == key
    dynamodb.update_table(TableName="example", SSESpecification={"Enabled": False})
    assert "SSEDescription" not in dynamodb.describe_table(TableName="example")["Table"]
