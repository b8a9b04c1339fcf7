{{/* Every object of a service, from its facts and its values. */}}
{{- define "common.all" -}}
{{- $facts := include "common.facts" . | fromYaml }}
{{- $objects := list (include "common.serviceAccount" .) (include "common.deployment" .) (include "common.service" .) }}
{{- if and $facts.database .Values.global.hooks.migrate }}{{ $objects = append $objects (include "common.migration" .) }}{{ end }}
{{- if gt (int (include "common.replicas" .)) 1 }}{{ $objects = append $objects (include "common.disruptions" .) }}{{ end }}
{{- if include "common.autoscaled" . }}{{ $objects = append $objects (include "common.autoscaler" .) }}{{ end }}
{{- if .Values.global.network.policies }}{{ $objects = append $objects (include "common.networkPolicy" .) }}{{ end }}
{{- if .Values.global.monitoring.serviceMonitors }}{{ $objects = append $objects (include "common.serviceMonitor" .) }}{{ end }}
{{- if eq .Values.global.tls.mode "cert-manager" }}{{ $objects = append $objects (include "common.certificate" .) }}{{ end }}
{{- range $setting, $what := $facts.folders }}
{{- if not (get ($.Values.folders | default dict) $setting | default dict).existingClaim }}{{ $objects = append $objects (include "common.claim" (list $ $setting $what)) }}{{ end }}
{{- end }}
{{- if and (ne $facts.serves "grpc") (.Values.ingress).host }}{{ $objects = append $objects (include "common.ingress" .) }}{{ end }}
{{- join "\n---\n" $objects }}
{{- end }}
