{{/* Pod Security "restricted": see https://kubernetes.io/docs/concepts/security/pod-security-standards/ */}}
{{- define "common.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
fsGroupChangePolicy: OnRootMismatch
seccompProfile: { type: RuntimeDefault }
{{- end }}

{{- define "common.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{- define "common.pull" -}}
{{- with .Values.global.image.pullSecrets -}}
imagePullSecrets:
{{- range . }}
  - name: {{ . }}
{{- end }}
{{- end }}
{{- end }}

{{/* What servers outside are believed by, and the password at Kafka: volumes of a pod that speaks to some of postgres, kafka and oidc. List of the context and their names. */}}
{{- define "common.serverFiles" -}}
{{- $global := (index . 0).Values.global }}
{{- $servers := index . 1 }}
{{- $files := list (dict "server" "postgres" "name" "postgres" "secret" $global.postgres.caSecret "key" "ca.crt")
  (dict "server" "kafka" "name" "kafka" "secret" $global.kafka.tls.caSecret "key" "ca.crt")
  (dict "server" "kafka" "name" "kafka-user" "secret" (ternary $global.kafka.sasl.passwordSecret "" (ne $global.kafka.sasl.mechanism "")) "key" "password")
  (dict "server" "oidc" "name" "oidc" "secret" $global.oidc.caSecret "key" "ca.crt") }}
{{- range $files }}
{{- if and .secret (has .server $servers) }}
- { name: {{ .name }}, secret: { secretName: {{ .secret }}, defaultMode: 0440, items: [{ key: {{ .key }}, path: {{ .key }} }] } }
{{- end }}
{{- end }}
{{- end }}

{{/* All volumes of a service's pod. */}}
{{- define "common.volumes" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- include "common.serverFiles" (list . (ternary (list "postgres" "kafka" "oidc") (list "oidc") $facts.database)) }}
{{- if include "common.encrypts" . }}
- { name: tls, secret: { secretName: {{ include "common.secretName" (list . (printf "%s-tls" .Chart.Name)) }}, defaultMode: 0440 } }
{{- end }}
{{- if $facts.keys }}
- { name: keys, secret: { secretName: {{ include "common.secretName" (list . .Chart.Name) }}, defaultMode: 0440, items: [{ key: keys.json, path: keys.json }] } }
{{- end }}
{{- range $setting, $what := $facts.folders }}
- { name: {{ base (include "common.folderPath" $setting) }}, persistentVolumeClaim: { claimName: {{ include "common.claimName" (list $ $setting) }} } }
{{- end }}
- { name: tmp, emptyDir: { sizeLimit: 64Mi } }
{{- end }}

{{/* A mount for each volume; what is in /etc/bankcrm is read only. Takes the volumes' text. */}}
{{- define "common.mounts" -}}
{{- range fromYamlArray . }}
{{- if .secret }}
- { name: {{ .name }}, mountPath: /etc/bankcrm/{{ .name }}, readOnly: true }
{{- else if .persistentVolumeClaim }}
- { name: {{ .name }}, mountPath: /var/lib/bankcrm/{{ .name }} }
{{- else }}
- { name: {{ .name }}, mountPath: /tmp }
{{- end }}
{{- end }}
{{- end }}

{{/* The claim behind a folder that replicas share: list of the context and the setting that names it. */}}
{{- define "common.claimName" -}}
{{- $context := index . 0 }}
{{- $own := get ($context.Values.folders | default dict) (index . 1) | default dict }}
{{- $own.existingClaim | default (printf "%s-%s" (include "common.name" $context) (base (include "common.folderPath" (index . 1)))) }}
{{- end }}
