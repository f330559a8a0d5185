{{- /* What one pool has, as JSON: everything of `worker`, and its own keys instead. Of a dict with `root` and `pool`. */ -}}
{{- define "heavylift.pool" -}}
{{- mustMergeOverwrite (deepCopy .root.Values.worker) (deepCopy (index .root.Values.pools .pool | default dict)) | toJson -}}
{{- end -}}

{{- /* The names of the pools that there are: one that is null was left out. */ -}}
{{- define "heavylift.pools" -}}
{{- $names := list -}}
{{- range $name, $own := .Values.pools -}}
{{- if not (kindIs "invalid" $own) }}{{ $names = append $names $name }}{{ end -}}
{{- end -}}
{{- dict "names" $names | toJson -}}
{{- end -}}

{{- /* Whether somebody else decides how many pods a pool has, of a dict with `root` and `values`. */ -}}
{{- define "heavylift.pool.isScaled" -}}
{{- if and .values.scaling.enabled (ne .root.Values.autoscaling.engine "none") }}yes{{ end -}}
{{- end -}}

{{- /* Pools with an account of their own have one of the same name; the others share one. Of a dict with `root`, `pool` and `values`. */ -}}
{{- define "heavylift.pool.serviceAccount" -}}
{{- $made := include "heavylift.worker.account" .root -}}
{{- if (((index .root.Values.pools .pool) | default dict).serviceAccount | default dict).annotations -}}
{{- $made = include "heavylift.worker.name" . -}}
{{- end -}}
{{ include "heavylift.serviceAccount" (dict "made" $made "values" .values) }}
{{- end -}}

{{- /* The variables of a pool, of a dict with `root` and `values`. */ -}}
{{- define "heavylift.pool.environment" -}}
{{ include "heavylift.environment.shared" . }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_WORKER_" "settings" .values.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_WORKER_HTTP_" "settings" .values.http.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_IMAGE_" "settings" .values.imageTasks.settings) }}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_MAIL_" "settings" .values.mailTasks.settings) }}
{{- with .values.mailTasks.passwordSecret }}{{ if .name }}
- name: HEAVYLIFT_MAIL_PASSWORD
  valueFrom: {secretKeyRef: {name: {{ .name }}, key: {{ .key }}}}
{{- end }}{{ end }}
{{- end -}}

{{- /* What a pod asks of its node, with its GPUs. Of a dict with `values`. */ -}}
{{- define "heavylift.pool.resources" -}}
{{- $resources := deepCopy .values.resources -}}
{{- if .values.gpu.count -}}
{{- $_ := set $resources "limits" (mustMergeOverwrite (deepCopy ($resources.limits | default dict)) (dict .values.gpu.resource .values.gpu.count)) -}}
{{- end -}}
{{- toYaml $resources -}}
{{- end -}}
