{{- define "ai-feedback.name" -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "ai-feedback.selector" -}}
app.kubernetes.io/name: ai-feedback
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ai-feedback.labels" -}}
{{ include "ai-feedback.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}
