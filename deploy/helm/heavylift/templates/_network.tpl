{{- /* Rules of what ours may reach. */ -}}

{{- define "heavylift.egress.dns" -}}
- ports: [{port: 53, protocol: UDP}, {port: 53, protocol: TCP}]
{{- end -}}

{{- define "heavylift.egress.store" -}}
{{- if .Values.redis.enabled -}}
- to:
    - podSelector:
        matchLabels:
          {{- include "heavylift.selector" (dict "root" . "component" "redis") | nindent 10 }}
    {{- if include "heavylift.redis.isBehindHaproxy" . }}
    - podSelector:
        matchLabels:
          {{- include "heavylift.selector" (dict "root" . "component" "redis-haproxy") | nindent 10 }}
    {{- end }}
  ports: [{port: 6379}, {port: 26379}]
{{- else -}}
- ports:
    {{- range .Values.externalRedis.ports }}
    - {port: {{ . }}}
    {{- end }}
{{- end }}
{{- end -}}

{{- /* The receiver of traces, wherever it is: its port, from the URL. */ -}}
{{- define "heavylift.egress.traces" -}}
{{- with .Values.telemetry.settings.otlpEndpoint -}}
{{- $port := regexFind ":[0-9]+" (regexReplaceAll "^https?://" . "") | trimPrefix ":" -}}
- ports: [{port: {{ $port | default (hasPrefix "https" . | ternary "443" "80") }}}]
{{- end }}
{{- end -}}
