# Dashboards and rules of otel-ai-feedback in a Grafana that Terraform manages.
#
#   otel-ai-feedback grafana --output grafana --datasource-uid ai-feedback
#   terraform apply -var grafana_url=https://grafana.example.com -var grafana_token=...

terraform {
  required_providers {
    grafana = {
      source  = "grafana/grafana"
      version = ">= 3.0"
    }
  }
}

variable "grafana_url" {
  type = string
}

variable "grafana_token" {
  type      = string
  sensitive = true
}

variable "clickhouse_host" {
  type    = string
  default = "clickhouse"
}

variable "clickhouse_password" {
  type      = string
  sensitive = true
}

provider "grafana" {
  url  = var.grafana_url
  auth = var.grafana_token
}

resource "grafana_folder" "ai_feedback" {
  title = "AI feedback"
}

resource "grafana_data_source" "ai_feedback" {
  type = "grafana-clickhouse-datasource"
  name = "AI feedback"
  uid  = "ai-feedback"
  json_data_encoded = jsonencode({
    host            = var.clickhouse_host
    port            = 8123
    protocol        = "http"
    username        = "grafana"
    defaultDatabase = "ai_feedback"
  })
  secure_json_data_encoded = jsonencode({
    password = var.clickhouse_password
  })
}

resource "grafana_dashboard" "ai_feedback" {
  for_each    = fileset("${path.module}/grafana/dashboards", "*.json")
  folder      = grafana_folder.ai_feedback.uid
  config_json = file("${path.module}/grafana/dashboards/${each.value}")
  depends_on  = [grafana_data_source.ai_feedback]
}
