{{- /*
Names of objects. Every template takes names from here, so that two never disagree. Names are cut at 38 characters, which leaves
room for what is appended: a component, a pool. A CronJob has 52, of which `-redis-restore` takes 14.
*/ -}}

{{- define "heavylift.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 38 | trimSuffix "-" -}}
{{- end -}}

{{- define "heavylift.fullname" -}}
{{- $name := include "heavylift.name" . -}}
{{- $both := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) -}}
{{- .Values.fullnameOverride | default $both | trunc 38 | trimSuffix "-" -}}
{{- end -}}

{{- define "heavylift.api.name" -}}{{ include "heavylift.fullname" . }}-api{{- end -}}
{{- define "heavylift.redis.name" -}}{{ include "heavylift.fullname" . }}-redis{{- end -}}
{{- define "heavylift.haproxy.name" -}}{{ include "heavylift.redis.name" . }}-haproxy{{- end -}}
{{- define "heavylift.autoscaler.name" -}}{{ include "heavylift.fullname" . }}-autoscaler{{- end -}}
{{- define "heavylift.scheduler.name" -}}{{ include "heavylift.fullname" . }}-scheduler{{- end -}}
{{- define "heavylift.keda.name" -}}{{ include "heavylift.autoscaler.name" . }}-keda{{- end -}}
{{- define "heavylift.worker.account" -}}{{ include "heavylift.fullname" . }}-worker{{- end -}}

{{- /* The name of a pool's objects, of a dict with `root` and `pool`. */ -}}
{{- define "heavylift.worker.name" -}}{{ include "heavylift.fullname" .root }}-worker-{{ .pool }}{{- end -}}

{{- /* The Secret with the passwords of Redis' users. */ -}}
{{- define "heavylift.redis.secret" -}}
{{- .Values.redis.auth.existingSecret | default (include "heavylift.redis.name" .) -}}
{{- end -}}

{{- /* The Secret with the first key for the API. */ -}}
{{- define "heavylift.api.keySecret" -}}
{{- .Values.api.firstKey.existingSecret | default (printf "%s-key" (include "heavylift.api.name" .)) -}}
{{- end -}}

{{- define "heavylift.redis.tlsSecret" -}}
{{- .Values.redis.tls.existingSecret | default (printf "%s-tls" (include "heavylift.redis.name" .)) -}}
{{- end -}}

{{- define "heavylift.test.name" -}}{{ include "heavylift.fullname" . }}-test{{- end -}}
