{{- define "heavylift.scheduler.serviceAccount" -}}
{{ include "heavylift.serviceAccount" (dict "made" (include "heavylift.scheduler.name" .) "values" .Values.scheduler) }}
{{- end -}}
