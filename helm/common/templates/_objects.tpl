{{- define "common.serviceAccount" -}}
apiVersion: v1
kind: ServiceAccount
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
automountServiceAccountToken: false
{{- end }}

{{/* Without an address of its own for gRPC: callers see every replica and share their calls among them; with one HTTP/2 would stay with one pod. */}}
{{- define "common.service" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- $ports := include "common.ports" . | fromYaml -}}
apiVersion: v1
kind: Service
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  {{- if eq $facts.serves "grpc" }}
  clusterIP: None
  {{- end }}
  selector: {{- include "common.selector" . | nindent 4 }}
  ports:
    {{- if eq $facts.serves "grpc" }}
    - { name: grpc, port: {{ $ports.grpc }}, targetPort: grpc }
    {{- else if include "common.encrypts" . }}
    - { name: edge, port: 443, targetPort: {{ $facts.serves }}, appProtocol: https }
    {{- else }}
    - { name: edge, port: 80, targetPort: {{ $facts.serves }}, appProtocol: http }
    {{- end }}
    {{- range $door, $speaks := $facts.opens }}
    - { name: {{ $door }}, port: {{ $ports.door }}, targetPort: {{ $door }} }
    {{- end }}
    - { name: health, port: {{ $ports.health }}, targetPort: health }
{{- end }}

{{- define "common.disruptions" -}}
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  maxUnavailable: 1
  # A pod that is not ready holds up nobody who drains its node.
  unhealthyPodEvictionPolicy: AlwaysAllow
  selector: { matchLabels: {{ include "common.selector" . | fromYaml | toJson }} }
{{- end }}

{{- define "common.autoscaler" -}}
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: {{ include "common.name" . }} }
  minReplicas: {{ include "common.replicas" . }}
  maxReplicas: {{ .Values.autoscaling.maxReplicas }}
  metrics:
    - type: Resource
      resource: { name: cpu, target: { type: Utilization, averageUtilization: {{ .Values.autoscaling.cpuPercent | default 70 }} } }
  behavior:
    # Consumers share their partitions anew with every change of their number.
    scaleDown: { stabilizationWindowSeconds: 600, policies: [{ type: Pods, value: 1, periodSeconds: 120 }] }
    scaleUp: { stabilizationWindowSeconds: 60, policies: [{ type: Pods, value: 2, periodSeconds: 60 }] }
{{- end }}

{{- define "common.serviceMonitor" -}}
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: {{ include "common.name" . }}
  labels:
    {{- include "common.labels" . | nindent 4 }}
    {{- with .Values.global.monitoring.labels }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  selector: { matchLabels: {{ include "common.selector" . | fromYaml | toJson }} }
  endpoints:
    - { port: health, path: /metrics, interval: 15s }
{{- end }}

{{/* cert-manager writes tls.crt, tls.key and ca.crt into the Secret that the pods mount. They are read at start: renewed long before the end, so that any rollout takes them up. */}}
{{- define "common.certificate" -}}
{{- $name := include "common.name" . -}}
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: {{ $name }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  secretName: {{ include "common.secretName" (list . (printf "%s-tls" .Chart.Name)) }}
  duration: 2160h
  renewBefore: 720h
  privateKey: { algorithm: ECDSA, size: 256, rotationPolicy: Always }
  usages: [server auth, client auth]
  dnsNames:
    - {{ $name }}
    - {{ $name }}.{{ .Release.Namespace }}
    - {{ $name }}.{{ .Release.Namespace }}.svc
    {{- with (.Values.ingress).host }}
    - {{ . }}
    {{- end }}
  issuerRef: {{- toYaml .Values.global.tls.issuer | nindent 4 }}
{{- end }}

{{/* A folder that replicas share and that outlives the release. Takes the context, the setting that names it and what is kept there. */}}
{{- define "common.claim" -}}
{{- $context := index . 0 }}
{{- $own := get ($context.Values.folders | default dict) (index . 1) | default dict -}}
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: {{ include "common.claimName" (list $context (index . 1)) }}
  labels: {{- include "common.labels" $context | nindent 4 }}
  annotations:
    bankcrm.io/holds: {{ index . 2 | quote }}
    helm.sh/resource-policy: keep
spec:
  accessModes: [{{ $own.accessMode | default $context.Values.global.folders.accessMode }}]
  {{- with $own.storageClass | default $context.Values.global.folders.storageClass }}
  storageClassName: {{ . }}
  {{- end }}
  resources: { requests: { storage: {{ $own.size | default "1Gi" }} } }
{{- end }}

{{- define "common.ingress" -}}
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
  {{- with .Values.ingress.annotations }}
  annotations: {{- toYaml . | nindent 4 }}
  {{- end }}
spec:
  {{- with .Values.ingress.className }}
  ingressClassName: {{ . }}
  {{- end }}
  tls:
    - hosts: [{{ .Values.ingress.host }}]
      secretName: {{ .Values.ingress.tlsSecret }}
  rules:
    - host: {{ .Values.ingress.host }}
      http:
        paths:
          - path: /
            pathType: Prefix
            backend: { service: { name: {{ include "common.name" . }}, port: { name: edge } } }
{{- end }}
