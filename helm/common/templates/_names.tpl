{{/* What the manifest of the service says, made by npm run generate. */}}
{{- define "common.facts" -}}
{{ .Files.Get "facts.yaml" }}
{{- end }}

{{/* Every object of the service, and the name that its peers call it by. */}}
{{- define "common.name" -}}
{{ printf "%s-%s" .Release.Name .Chart.Name }}
{{- end }}

{{- define "common.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "common.labels" -}}
{{ include "common.selector" . }}
app.kubernetes.io/part-of: bankcrm
app.kubernetes.io/version: {{ include "common.tag" . | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}

{{/* The version of the images; the umbrella's own unless told otherwise. */}}
{{- define "common.tag" -}}
{{ .Values.global.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* An image of BankCRM: list of the context and the image's name. */}}
{{- define "common.image" -}}
{{- $context := index . 0 }}
{{- $image := $context.Values.global.image }}
{{- printf "%s/bankcrm/%s:%s" $image.registry (index . 1) (include "common.tag" $context) }}
{{- end }}

{{/* A Secret that the installer has made: list of the context and what it is for. */}}
{{- define "common.secretName" -}}
{{ (index . 0).Values.global.secretPrefix }}{{ index . 1 }}
{{- end }}

{{- define "common.encrypts" -}}
{{ if ne .Values.global.tls.mode "mesh" }}yes{{ end }}
{{- end }}

{{/* Where every service answers; the same in every pod. */}}
{{- define "common.ports" -}}
grpc: 50051
http: 8443
static: 8443
health: 8081
door: 8444
{{- end }}
