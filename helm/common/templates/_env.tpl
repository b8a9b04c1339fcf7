{{/*
What a service reads from its environment, of what its config.ts names. A setting that stands neither here nor among its own has a default, which a check holds.
*/}}
{{- define "common.env" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- $ports := include "common.ports" . | fromYaml }}
{{- $global := .Values.global }}
{{- $issuer := urlParse $global.oidc.issuer }}
{{- $set := dict
  "HOST" "0.0.0.0"
  "HEALTH_PORT" $ports.health
  "GRPC_PORT" $ports.grpc
  "HTTP_PORT" $ports.http
  "LOG_LEVEL" $global.logLevel
  "OIDC_ISSUER" $global.oidc.issuer
  "OIDC_AUDIENCE" $global.oidc.audience
  "OIDC_CLIENT_ID" .Chart.Name
  "KAFKA_BROKERS" (join "," $global.kafka.brokers)
  "KAFKA_TOPIC_PREFIX" $global.kafka.topicPrefix
  "BANK_CURRENCY" $global.bank.currency
  "BANK_TIME_ZONE" $global.bank.timeZone
  "KEYCLOAK_ADMIN_URL" (regexReplaceAll "/realms/[^/]+/?$" $global.oidc.issuer "")
  "KEYCLOAK_REALM" (base $issuer.path)
  "PUBLIC_URL" $global.publicUrl
  "CORS_ORIGINS" $global.portalUrl
  "CLICKHOUSE_URL" $global.clickhouse.url
}}
{{- if $facts.keys }}{{ $_ := set $set "KEYS_FILE" "/etc/bankcrm/keys/keys.json" }}{{ end }}
{{- if include "common.encrypts" . }}
{{- range $name, $file := dict "TLS_CERT_FILE" "tls.crt" "TLS_KEY_FILE" "tls.key" "TLS_CA_FILE" "ca.crt" }}{{ $_ := set $set $name (printf "/etc/bankcrm/tls/%s" $file) }}{{ end }}
{{- else }}{{ $_ := set $set "TRANSPORT_ENCRYPTED_BY" "mesh" }}{{ end }}
{{- if $global.kafka.tls.caSecret }}{{ $_ := set $set "KAFKA_TLS_CA_FILE" "/etc/bankcrm/kafka/ca.crt" }}{{ end }}
{{- with $global.kafka.sasl }}{{ if .mechanism }}
{{- $_ := set $set "KAFKA_SASL_MECHANISM" .mechanism }}{{ $_ := set $set "KAFKA_SASL_USERNAME" .username }}
{{- $_ := set $set "KAFKA_SASL_PASSWORD_FILE" "/etc/bankcrm/kafka-user/password" }}{{ end }}{{ end }}
{{- range $facts.calls }}{{ $_ := set $set (printf "%s_ADDRESS" (upper .)) (printf "%s-%s:%v" $.Release.Name . $ports.grpc) }}{{ end }}
{{- range $name, $topics := $facts.topics }}{{ $_ := set $set $name $topics }}{{ end }}
{{- range $name, $what := $facts.folders }}{{ $_ := set $set $name (include "common.folderPath" $name) }}{{ end }}
{{- range $name, $value := .Values.settings }}{{ $_ := set $set $name $value }}{{ end }}
{{- range $name := $facts.settings }}
{{- if and (hasKey $set $name) (ne (toString (get $set $name)) "") }}
- name: {{ $name }}
  value: {{ include "common.text" (get $set $name) | quote }}
{{- end }}
{{- end }}
{{- if $facts.database }}
{{- range $role := list "request" "worker" }}
- name: DATABASE_URL_{{ upper $role }}
  valueFrom: { secretKeyRef: { name: {{ include "common.secretName" (list $ $.Chart.Name) }}, key: database-url-{{ $role }} } }
{{- end }}
{{- end }}
{{- if $facts.client }}
- name: OIDC_CLIENT_SECRET
  valueFrom: { secretKeyRef: { name: {{ include "common.secretName" (list $ $.Chart.Name) }}, key: oidc-client-secret } }
{{- end }}
- name: OTEL_SERVICE_NAME
  value: {{ .Chart.Name }}
{{- with $global.telemetry.endpoint }}
- name: OTEL_EXPORTER_OTLP_ENDPOINT
  value: {{ . | quote }}
{{- end }}
{{- if $global.oidc.caSecret }}
- name: NODE_EXTRA_CA_CERTS
  value: /etc/bankcrm/oidc/ca.crt
{{- end }}
{{- end }}

{{/* Helm reads every number of a values file as a float: 1000000 would become 1e+06. */}}
{{- define "common.text" -}}
{{ if kindIs "float64" . }}{{ printf "%.0f" . }}{{ else }}{{ toString . }}{{ end }}
{{- end }}

{{- define "common.folderPath" -}}
/var/lib/bankcrm/{{ . | lower | replace "_" "-" }}
{{- end }}
