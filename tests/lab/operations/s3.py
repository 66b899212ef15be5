"""S3: objects and their versions."""

from .asking import fresh, pages, refused, same


def check_objects(lab):
    s3 = lab.client("s3")
    bucket = fresh("check")
    s3.create_bucket(Bucket=bucket)
    assert bucket in [one["Name"] for one in s3.list_buckets()["Buckets"]]
    for number in range(3):
        s3.put_object(Bucket=bucket, Key=f"journals/run {number}.json", Body=b"x" * number * 1000, ContentType="application/json")
    found = s3.get_object(Bucket=bucket, Key="journals/run 2.json")
    same((found["Body"].read(), found["ContentType"], found["ContentLength"]), (b"x" * 2000, "application/json", 2000))
    items, count = pages(s3, "list_objects_v2", "Contents", 2, Bucket=bucket, Prefix="journals/")
    same(([one["Size"] for one in items], count), ([0, 1000, 2000], 2))
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="gone")
    refused("404", s3.head_object, Bucket=bucket, Key="gone")
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=bucket)
    for number in range(3):
        s3.delete_object(Bucket=bucket, Key=f"journals/run {number}.json")
    s3.delete_bucket(Bucket=bucket)
    refused("NoSuchBucket", s3.get_object, Bucket=bucket, Key="gone")


def check_versions(lab):
    s3 = lab.client("s3")
    bucket = fresh("check")
    s3.create_bucket(Bucket=bucket)
    assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    same(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Enabled")
    ids = [s3.put_object(Bucket=bucket, Key="a", Body=body)["VersionId"] for body in (b"one", b"two")]
    read = lambda **version: s3.get_object(Bucket=bucket, Key="a", **version)["Body"].read()
    same((read(), read(VersionId=ids[0])), (b"two", b"one"))
    marker = s3.delete_object(Bucket=bucket, Key="a")
    same(marker["DeleteMarker"], True)
    refused("NoSuchKey", s3.get_object, Bucket=bucket, Key="a")
    found = s3.list_object_versions(Bucket=bucket)
    same([one["VersionId"] for one in found["Versions"]], ids[::-1])
    same([one["VersionId"] for one in found["DeleteMarkers"]], [marker["VersionId"]])
    s3.delete_object(Bucket=bucket, Key="a", VersionId=marker["VersionId"])
    same(read(), b"two")
    s3.delete_object(Bucket=bucket, Key="a", VersionId=ids[1])
    same(read(), b"one")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    same(s3.get_bucket_versioning(Bucket=bucket)["Status"], "Suspended")
