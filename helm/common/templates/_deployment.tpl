{{- define "common.replicas" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- if include "common.embedded" . }}1{{ else }}{{ .Values.replicas | default .Values.global.replicas | default $facts.resources.replicas }}{{ end }}
{{- end }}

{{/* The service runs its engine within itself: a second replica would have another's data. */}}
{{- define "common.embedded" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- if and $facts.engine (not .Values.global.clickhouse.url) }}yes{{ end }}
{{- end }}

{{- define "common.autoscaled" -}}
{{ if and (.Values.autoscaling).maxReplicas (not (include "common.embedded" .)) }}yes{{ end }}
{{- end }}

{{- define "common.deployment" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- $ports := include "common.ports" . | fromYaml }}
{{- $volumes := include "common.volumes" . -}}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "common.name" . }}
  labels: {{- include "common.labels" . | nindent 4 }}
spec:
  {{- if not (include "common.autoscaled" .) }}
  replicas: {{ include "common.replicas" . }}
  {{- end }}
  revisionHistoryLimit: 3
  progressDeadlineSeconds: 300
  {{- if include "common.embedded" . }}
  strategy: { type: Recreate }
  {{- else }}
  strategy: { type: RollingUpdate, rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } }
  # A new replica has shown for so long that it works before an old one goes.
  minReadySeconds: 5
  {{- end }}
  selector: { matchLabels: {{ include "common.selector" . | fromYaml | toJson }} }
  template:
    metadata:
      labels: {{- include "common.labels" . | nindent 8 }}
      annotations:
        prometheus.io/scrape: "true"
        prometheus.io/port: {{ $ports.health | quote }}
        prometheus.io/path: /metrics
        {{- with .Values.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "common.name" . }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      {{- with include "common.pull" . }}{{ . | nindent 6 }}{{ end }}
      securityContext: {{- include "common.podSecurity" . | nindent 8 }}
      # Every phase of stopping may use its limit: drain, calls, stream, work, outbox, connections, telemetry.
      terminationGracePeriodSeconds: 120
      {{- with .Values.priorityClassName | default .Values.global.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with .Values.nodeSelector | default .Values.global.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with .Values.tolerations | default .Values.global.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
        - maxSkew: 1
          topologyKey: {{ . }}
          whenUnsatisfiable: ScheduleAnyway
          labelSelector: { matchLabels: {{ include "common.selector" $ | fromYaml | toJson }} }
          matchLabelKeys: [pod-template-hash]
        {{- end }}
      containers:
        - name: {{ .Chart.Name }}
          image: {{ include "common.image" (list . .Chart.Name) }}
          imagePullPolicy: {{ .Values.global.image.pullPolicy }}
          args: {{ concat $facts.nodeOptions (list "/app/main.ts") | toJson }}
          env: {{- include "common.env" . | nindent 12 }}
          ports:
            - { name: {{ $facts.serves }}, containerPort: {{ get $ports $facts.serves }} }
            {{- range $door, $speaks := $facts.opens }}
            - { name: {{ $door }}, containerPort: {{ $ports.door }} }
            {{- end }}
            - { name: health, containerPort: {{ $ports.health }} }
          startupProbe: { httpGet: { path: /livez, port: health }, periodSeconds: 1, failureThreshold: 120 }
          readinessProbe: { httpGet: { path: /readyz, port: health }, periodSeconds: 2, timeoutSeconds: 2, failureThreshold: 2 }
          livenessProbe: { httpGet: { path: /livez, port: health }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
          resources: {{- include "common.resources" . | nindent 12 }}
          securityContext: {{- include "common.containerSecurity" . | nindent 12 }}
          volumeMounts: {{- include "common.mounts" $volumes | nindent 12 }}
      volumes: {{- $volumes | nindent 8 }}
{{- end }}

{{/*
Memory has a limit, the heap's size follows from it. The processor has none by default: what throttles one thread of a service that waits for the next period of 100 ms
makes it late and helps nobody, while the share that a pod asked for is its own anyway. `resources.cpuLimit` sets one where a quota wants it.
*/}}
{{- define "common.resources" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- $own := .Values.resources | default dict -}}
requests:
  cpu: {{ $own.cpu | default .Values.global.cpuRequest | default $facts.resources.cpu }}
  memory: {{ $facts.resources.memory }}
limits:
  {{- with $own.cpuLimit | default .Values.global.cpuLimit }}
  cpu: {{ . }}
  {{- end }}
  memory: {{ $facts.resources.memory }}
  ephemeral-storage: 256Mi
{{- end }}
