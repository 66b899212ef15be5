output "job_queue" {
  description = "What submit-job takes as --queue"
  value       = aws_batch_job_queue.this.name
}

output "job_definition" {
  description = "What submit-job takes as --job-definition"
  value       = aws_batch_job_definition.this.name
}

output "journals_bucket" {
  description = "Where journals and logs are"
  value       = aws_s3_bucket.journals.id
}

output "log_group" {
  description = "The log group of jobs"
  value       = aws_cloudwatch_log_group.jobs.name
}

output "job_role_arn" {
  description = "The role of experiments"
  value       = aws_iam_role.job.arn
}
