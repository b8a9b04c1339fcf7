{{/*
Brings the service's database up to date before the new version starts; the old one runs on the new schema. On an empty database the same. Before a rollback it
puts back the functions of the version that returns.
*/}}
{{- define "common.migration" -}}
apiVersion: batch/v1
kind: Job
metadata:
  name: {{ include "common.name" . }}-migrate
  labels: {{- include "common.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: pre-install,pre-upgrade,pre-rollback
    helm.sh/hook-weight: "-5"
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
spec:
  backoffLimit: 2
  activeDeadlineSeconds: 3600
  template:
    metadata:
      labels:
        app.kubernetes.io/name: {{ .Chart.Name }}-migrate
        app.kubernetes.io/instance: {{ .Release.Name }}
        app.kubernetes.io/part-of: bankcrm
        bankcrm.io/job: "true"
    spec: {{- include "common.jobPod" (dict "context" . "image" .Chart.Name "args" (list "/app/libs/backend/src/migrate.ts" .Chart.Name) "env" (include "common.migrationEnv" .) "servers" (list "postgres")) | nindent 6 }}
{{- end }}

{{- define "common.migrationEnv" -}}
- name: DATABASE_URL_OWNER
  valueFrom: { secretKeyRef: { name: {{ include "common.secretName" (list . (printf "%s-owner" .Chart.Name)) }}, key: database-url-owner } }
{{- include "common.meshEnv" . }}
{{- end }}

{{/* The deployment's word to jobs that a mesh encrypts. */}}
{{- define "common.meshEnv" -}}
{{- if not (include "common.encrypts" .) }}
- name: TRANSPORT_ENCRYPTED_BY
  value: mesh
{{- end }}
{{- end }}

{{/* What every job is: dict of context, image, args, env and the servers that it speaks to. */}}
{{- define "common.jobPod" -}}
{{- $context := .context }}
{{- $volumes := include "common.serverFiles" (list $context .servers) -}}
restartPolicy: Never
automountServiceAccountToken: false
enableServiceLinks: false
{{- with include "common.pull" $context }}{{ . | nindent 0 }}{{ end }}
securityContext: {{- include "common.podSecurity" $context | nindent 2 }}
containers:
  - name: job
    image: {{ include "common.image" (list $context .image) }}
    imagePullPolicy: {{ $context.Values.global.image.pullPolicy }}
    args: {{ toJson .args }}
    env: {{- .env | nindent 6 }}
    resources: { requests: { cpu: 100m, memory: 256Mi }, limits: { memory: 256Mi, ephemeral-storage: 64Mi } }
    securityContext: {{- include "common.containerSecurity" $context | nindent 6 }}
    {{- with $volumes }}
    volumeMounts: {{- include "common.mounts" . | nindent 6 }}
    {{- end }}
{{- with $volumes }}
volumes: {{- . | nindent 2 }}
{{- end }}
{{- end }}
