"""SQS and SNS: messages and those who get them."""

from .asking import fresh, refused, same, until
from .cloudwatch import queue_of_topic


def check_messages(lab):
    sqs = lab.client("sqs")
    name = fresh("check")
    url = sqs.create_queue(QueueName=name, Attributes={"VisibilityTimeout": "1"})["QueueUrl"]
    same(sqs.get_queue_url(QueueName=name)["QueueUrl"], url)
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    [message] = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)["Messages"]
    same(message["Body"], "hello")
    assert "Messages" not in sqs.receive_message(QueueUrl=url), "a message that is being read is seen"
    [again] = until("the message to come back", lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"))
    same(again["MessageId"], message["MessageId"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url, WaitTimeSeconds=2)
    sqs.delete_queue(QueueUrl=url)
    refused("AWS.SimpleQueueService.NonExistentQueue", sqs.receive_message, QueueUrl=url)


def check_topics_tell_queues(lab):
    topic, url = queue_of_topic(lab)
    lab.client("sns").publish(TopicArn=topic, Subject="news", Message="hello")
    [message] = until("the message", lambda: lab.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"))
    assert '"hello"' in message["Body"] and '"news"' in message["Body"], message["Body"]
    refused("NotFound", lab.client("sns").publish, TopicArn=topic + "-gone", Message="hello")
