{{- define "heavylift.api.serviceAccount" -}}
{{ include "heavylift.serviceAccount" (dict "made" (include "heavylift.api.name" .) "values" .Values.api) }}
{{- end -}}

{{- /* Seconds that a pod of the API has to stop: the delay, then its own grace, and 5 to end. */ -}}
{{- define "heavylift.api.grace" -}}
{{- add .Values.api.drainDelay (ceil (dig "shutdownGrace" 10 .Values.api.settings)) 5 -}}
{{- end -}}
