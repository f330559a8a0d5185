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

{{- /* What the API and the workers have in common, of a dict with `root`, `values` and `user`, as whom they come to Redis. */ -}}
{{- define "heavylift.environment.shared" -}}
{{ include "heavylift.environment.store" . }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_STORE_" "settings" .root.Values.store.settings) }}
{{- include "heavylift.objects.environment" . }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_TELEMETRY_" "settings" .root.Values.telemetry.settings) }}
{{- with .values.env }}
{{ toYaml . }}
{{- end }}
{{- end -}}
