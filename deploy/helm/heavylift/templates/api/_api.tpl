{{- /* Seconds that a pod of the API has to stop: the delay, then its own grace, and 5 to end. */ -}}
{{- define "heavylift.api.grace" -}}
{{- add .Values.api.drainDelay (ceil (.Values.api.settings.shutdownGrace | default 10)) 5 -}}
{{- end -}}
