locals {
  made_private_ip = one(aws_instance.toxiproxy[*].private_ip)
  made_admin_ip   = var.associate_public_ip_address ? one(aws_instance.toxiproxy[*].public_ip) : local.made_private_ip
}

output "toxiproxy_admin_url" {
  description = "Where experiments make proxies and toxics"
  value       = local.made == 1 ? "http://${local.made_admin_ip}:${local.admin}" : var.toxiproxy_url
}

output "toxiproxy_private_ip" {
  description = "Where tasks reach the proxies"
  value       = local.made == 1 ? local.made_private_ip : regex("^https?://(\\[[^]]+\\]|[^:/]+)", var.toxiproxy_url)[0]
}
