# Copyright: Contributors to the wellarchitected.aws project
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What AWS reports, as Slack messages: a Lambda function (handler ``slack.function.handler``, zipped with this folder).

============  ==========================================================================================
`notice`      what a person has to know of one event, whoever reported it
`readers`     an event of each source becomes a notice; a table says who reads what
`console`     where in AWS's console something is seen
`message`     notices become Slack messages within Slack's limits
`webhook`     the secret URL, and a POST to it that is tried again while there is time
`memory`      what was said already, in DynamoDB or in this container alone
`function`    the handler: all of it in order
============  ==========================================================================================

Settings, all environment variables:

``WEBHOOK_PARAMETER``  name of an SSM SecureString with the webhook's URL; or
``WEBHOOK_SECRET``     name or ARN of a secret with it: the URL itself, or JSON with a member ``url``
``MEMORY_TABLE``       name of a DynamoDB table: string partition key ``key``, TTL on the number ``until``
``WINDOW_SECONDS``     how long the same finding in the same state is not said again (86400)
``BURST_LIMIT``        so many notices of one source in one call are separate messages; more become one list (5)
``MINUTE_LIMIT``       so many messages of one source in a minute are full; further ones take one line each (20)

An alarm has no severity of its own: it gets that of the topic it came by, if its name ends with one (``…-critical``).
Give the function a minute: it stops trying two seconds before the end, to say what it could not deliver.

What it may do: ``ssm:GetParameter`` or ``secretsmanager:GetSecretValue`` on the secret, ``kms:Decrypt`` on its key, and
``dynamodb:GetItem``, ``PutItem``, ``UpdateItem`` and ``DeleteItem`` on the table.

Nothing is lost, rather is it said twice:

- A notice is claimed in the table before it is sent, until the call's deadline, and marked as sent afterwards. If
  sending fails, the claim is taken back. If the function dies in between, the claim ends with the call; and the retry
  of the same record takes it over even before. Who finds a claim of another record leaves the notice to it: that record
  is tried again, or reaches the dead-letter queue, if it fails.
- What was sent is remembered by record, too: when one of several records fails, Lambda repeats all of them, and only
  those that were not delivered are sent again.
- When the table cannot be reached, the notice is sent.
- Slack may have taken a message whose answer was lost on the way. It is sent again.
- An event that no reader understands, or whose reader stumbles, is shown as it is.

A burst is not held back: that would need something that wakes up to send what is held, and can fail. Notices that
arrive together become a list, and those above ``MINUTE_LIMIT`` shrink to a line. SNS calls the function with one
record; put an SQS queue with a batching window between them, and bursts arrive together. For SQS the answer names the
failed records (``ReportBatchItemFailures``); otherwise the function raises, so that Lambda's retries and the
dead-letter queue take over.
"""
