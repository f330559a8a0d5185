{{- /* Variables of settings, of a dict with `prefix` and `settings`: `bodyLimit: 1048576` is HEAVYLIFT_API_BODY_LIMIT. */ -}}
{{- define "heavylift.settings" -}}
{{- $prefix := .prefix -}}
{{- range $name, $value := .settings }}
{{- if not (kindIs "invalid" $value) }}
- name: {{ $prefix }}{{ $name | snakecase | upper }}
  value: {{ include "heavylift.settingText" $value | quote }}
{{- end }}
{{- end }}
{{- end -}}

{{- /* A value as a program reads it. Helm takes every number for a float and would write ten million as 1e+07. */ -}}
{{- define "heavylift.settingText" -}}
{{- if kindIs "slice" . -}}{{ join "," . }}
{{- else if and (kindIs "float64" .) (eq (floor .) .) -}}{{ int64 . }}
{{- else -}}{{ . }}
{{- end -}}
{{- end -}}

{{- /* What the API and the workers have in common, of a dict with `root` and `user`, as whom they come to Redis. */ -}}
{{- define "heavylift.environment.shared" -}}
{{ include "heavylift.environment.store" . }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_STORE_" "settings" .root.Values.store.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_TELEMETRY_" "settings" .root.Values.telemetry.settings) }}
{{- end -}}

{{- /* Where the store is. Variables in front, because HEAVYLIFT_STORE_URL names them. */ -}}
{{- define "heavylift.environment.store" -}}
- name: REDIS_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ include "heavylift.redis.secret" .root }}, key: {{ .user }}}}
{{- if eq (int .root.Values.redis.replicas) 1 }}
- name: HEAVYLIFT_STORE_URL
  value: redis://{{ .user }}:$(REDIS_PASSWORD)@{{ include "heavylift.redis.host" (dict "root" .root "ordinal" 0) }}:6379/0
{{- else }}
- name: HEAVYLIFT_STORE_URL
  value: redis+sentinel://{{ .user }}:$(REDIS_PASSWORD)@{{ include "heavylift.redis.sentinels" .root }}/heavylift/0
- name: HEAVYLIFT_STORE_SENTINEL_USERNAME
  value: {{ .user }}
- name: HEAVYLIFT_STORE_SENTINEL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ include "heavylift.redis.secret" .root }}, key: {{ .user }}}}
{{- end }}
{{- end -}}
