{{/*
Nothing in and nothing out but what stands here. Who may call whom is what the manifests say.
*/}}
{{- define "common.networkPolicy" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- $ports := include "common.ports" . | fromYaml }}
{{- $network := .Values.global.network -}}
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  podSelector: { matchLabels: {{ include "common.selector" . | fromYaml | toJson }} }
  policyTypes: [Ingress, Egress]
  ingress:
    {{- range $facts.calledBy }}
    - from: [{ podSelector: { matchLabels: { app.kubernetes.io/name: {{ . }}, app.kubernetes.io/instance: {{ $.Release.Name }} } } }]
      ports: [{ port: grpc }]
    {{- end }}
    {{- if ne $facts.serves "grpc" }}
    - from: {{- toYaml $network.edge | nindent 8 }}
      ports: [{ port: {{ $facts.serves }} }]
    {{- end }}
    {{- range $door, $speaks := $facts.opens }}
    - from: {{- toYaml $network.edge | nindent 8 }}
      ports: [{ port: {{ $door }} }]
    {{- end }}
    - from: {{- toYaml $network.monitoring | nindent 8 }}
      ports: [{ port: health }]
  egress:
    {{- include "common.toNames" . | nindent 4 }}
    {{- range $facts.calls }}
    - to: [{ podSelector: { matchLabels: { app.kubernetes.io/name: {{ . }}, app.kubernetes.io/instance: {{ $.Release.Name }} } } }]
      ports: [{ port: grpc }]
    {{- end }}
    {{- if $facts.database }}
    {{- include "common.toServer" $network.postgres | nindent 4 }}
    {{- include "common.toServer" $network.kafka | nindent 4 }}
    {{- end }}
    {{- include "common.toServer" $network.keycloak | nindent 4 }}
    {{- if and $facts.engine .Values.global.clickhouse.url }}
    {{- include "common.toServer" $network.clickhouse | nindent 4 }}
    {{- end }}
    {{- if .Values.global.telemetry.endpoint }}
    {{- include "common.toServer" $network.telemetry | nindent 4 }}
    {{- end }}
{{- end }}

{{/* The cluster's name service. */}}
{{- define "common.toNames" -}}
- to: [{ namespaceSelector: {}, podSelector: { matchLabels: { k8s-app: kube-dns } } }]
  ports: [{ port: 53, protocol: UDP }, { port: 53, protocol: TCP }]
{{- end }}

{{/* A server outside: anywhere at its ports, or only the peers that are named. */}}
{{- define "common.toServer" -}}
- ports:
    {{- range .ports }}
    - { port: {{ . }} }
    {{- end }}
  {{- with .peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
