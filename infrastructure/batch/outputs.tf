output "job_queue" {
  description = "What submit-job takes as --queue"
  value       = module.compute_environment.job_queue
}

output "job_definition" {
  description = "What submit-job takes as --job-definition"
  value       = module.compute_environment.job_definition
}

output "journals_bucket" {
  description = "Where journals and logs are"
  value       = module.compute_environment.journals_bucket
}

output "log_group" {
  description = "The log group of jobs"
  value       = module.compute_environment.log_group
}

output "job_role_arn" {
  description = "The role of experiments"
  value       = module.compute_environment.job_role_arn
}
