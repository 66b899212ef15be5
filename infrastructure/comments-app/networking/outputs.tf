output "vpc_id" {
  description = "The VPC"
  value       = aws_vpc.this.id
}

output "private_subnets" {
  description = "The private subnets, in the order of the zones"
  value       = local.private_subnets
}

output "public_subnets" {
  description = "The public subnets, in the order of the zones"
  value       = local.public_subnets
}

output "database_address" {
  description = "Where the database listens"
  value       = aws_db_instance.this.endpoint
}

output "password_parameter" {
  description = "The SSM parameter with the database's password"
  value       = aws_ssm_parameter.password.name
}

output "bastion_session" {
  description = "The command that opens a session on the bastion"
  value       = var.bastion ? "aws ssm start-session --region ${var.region} --target ${aws_instance.bastion[0].id}" : null
}

output "nat_addresses" {
  description = "From where private subnets come to the internet: jobs of experiments need a public load balancer that lets these in"
  value       = [for address in aws_eip.nat : address.public_ip]
}
