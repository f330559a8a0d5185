{{- /* What one pool has, as JSON: everything of `worker`, and its own keys instead. Of a dict with `root` and `pool`. */ -}}
{{- define "heavylift.pool" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.worker) (deepCopy (index .root.Values.pools .pool)) | toJson -}}
{{- end -}}

{{- /* The variables of a pool, of a dict with `root` and `values`. */ -}}
{{- define "heavylift.pool.environment" -}}
{{ include "heavylift.environment.shared" (dict "root" .root "user" "worker") }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_WORKER_" "settings" .values.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_WORKER_HTTP_" "settings" .values.http.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_IMAGE_" "settings" .values.imageTasks.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_MAIL_" "settings" .values.mailTasks.settings) }}
{{- with .values.mailTasks.passwordSecret }}{{ if .name }}
- name: HEAVYLIFT_MAIL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}{{ end }}
{{- end -}}
