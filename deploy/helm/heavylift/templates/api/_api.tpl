{{- define "heavylift.api.serviceAccount" -}}
{{ include "heavylift.serviceAccount" (dict "made" (include "heavylift.api.name" .) "values" .Values.api) }}
{{- end -}}

{{- /* The first key, in base64: the one that the cluster has, or a new one, of the form that heavylift.access.key_text reads. */ -}}
{{- define "heavylift.api.firstKey" -}}
{{- $known := (lookup "v1" "Secret" .Release.Namespace (include "heavylift.api.keySecret" .)).data | default dict -}}
{{- $text := printf "hl_%s_%s" (randAlphaNum 12 | lower) (randAlphaNum 36) -}}
{{- index $known .Values.api.firstKey.key | default (printf "%s%s" $text (sha256sum $text | trunc 6) | b64enc) -}}
{{- end -}}

{{- /* Seconds that a pod of the API has to stop: the delay, then its own grace, and 5 to end. */ -}}
{{- define "heavylift.api.grace" -}}
{{- add .Values.api.drainDelay (ceil (dig "shutdownGrace" 10 .Values.api.settings)) 5 -}}
{{- end -}}
