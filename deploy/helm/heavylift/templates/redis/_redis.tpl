{{- /* The address of one server's own Service, of a dict with `root` and `ordinal`. The short name: clients share its namespace. */ -}}
{{- define "heavylift.redis.host" -}}
{{ include "heavylift.redis.name" .root }}-{{ .ordinal }}
{{- end -}}

{{- define "heavylift.redis.hosts" -}}
{{- $hosts := list -}}
{{- range $ordinal := until (int .Values.redis.replicas) -}}
{{- $hosts = append $hosts (include "heavylift.redis.host" (dict "root" $ "ordinal" $ordinal)) -}}
{{- end -}}
{{- join " " $hosts -}}
{{- end -}}

{{- define "heavylift.redis.sentinels" -}}
{{- $hosts := list -}}
{{- range splitList " " (include "heavylift.redis.hosts" .) -}}
{{- $hosts = append $hosts (printf "%s:26379" .) -}}
{{- end -}}
{{- join "," $hosts -}}
{{- end -}}

{{- /* An amount of memory in bytes, as Kubernetes or as redis.conf writes it: 1Gi, 1G, 1gb, 1073741824. */ -}}
{{- define "heavylift.bytes" -}}
{{- $text := toString . -}}
{{- if kindIs "float64" . -}}{{- $text = toString (int64 .) -}}{{- end -}}
{{- $unit := regexFind "[A-Za-z]*$" $text -}}
{{- $binary := or (hasSuffix "i" $unit) (hasSuffix "b" $unit) -}}
{{- $power := index (dict "k" 1 "m" 2 "g" 3 "t" 4 "" 0) ($unit | lower | trimSuffix "i" | trimSuffix "b") -}}
{{- $bytes := trimSuffix $unit $text | float64 -}}
{{- range until (int $power) -}}{{- $bytes = mulf $bytes (ternary 1024 1000 $binary) -}}{{- end -}}
{{- $bytes | int64 -}}
{{- end -}}

{{- /*
Who has a password: those who do work, and who only asks which server is the primary. Autoscaler and scheduler have one without being
there, so that servers need not be made anew when they come.
*/ -}}
{{- define "heavylift.redis.users" -}}
api worker autoscaler scheduler replica sentinel operator{{ if .Values.redis.haproxy.enabled }} haproxy{{ end }}
{{- end -}}

{{- /*
The passwords, as JSON: those that the cluster has, with the second ones of users whose password is being changed, and new ones for users
that it has none for. Made once in a rendering.
*/ -}}
{{- define "heavylift.redis.passwords" -}}
{{- if not (hasKey .Values.redis "passwords") -}}
{{- $known := (lookup "v1" "Secret" .Release.Namespace (include "heavylift.redis.name" .)).data | default dict -}}
{{- $passwords := dict -}}
{{- range include "heavylift.redis.users" . | splitList " " -}}
{{- $_ := set $passwords . (index $known . | default (randAlphaNum 32 | b64enc)) -}}
{{- end -}}
{{- range $key, $password := $known -}}
{{- if hasSuffix "-also" $key }}{{ $_ := set $passwords $key $password }}{{ end -}}
{{- end -}}
{{- $_ := set .Values.redis "passwords" $passwords -}}
{{- end -}}
{{- .Values.redis.passwords | toJson -}}
{{- end -}}

{{- /* What the scripts need to know; they are the same in every rendering. */ -}}
{{- define "heavylift.redis.environment" -}}
- name: POD_NAME
  valueFrom: {fieldRef: {fieldPath: metadata.name}}
- {name: HOSTS, value: {{ include "heavylift.redis.hosts" . }}}
- {name: SERVICE, value: heavylift}
- {name: NAMESPACE, value: {{ .Values.store.settings.namespace | default "heavylift" | quote }}}
- {name: DOWN_AFTER, value: {{ .Values.redis.downAfter | quote }}}
- {name: FAILOVER_TIMEOUT, value: {{ .Values.redis.failoverTimeout | quote }}}
- {name: WAIT_FOR_PRIMARY, value: {{ .Values.redis.waitForPrimary | quote }}}
- {name: MIN_REPLICAS_TO_WRITE, value: {{ gt (int .Values.redis.replicas) 1 | ternary .Values.redis.minReplicasToWrite 0 | quote }}}
- {name: MIN_REPLICAS_MAX_LAG, value: {{ .Values.redis.minReplicasMaxLag | quote }}}
- {name: TLS, value: {{ .Values.redis.tls.enabled | ternary "yes" "no" | quote }}}
- {name: HAPROXY, value: {{ .Values.redis.haproxy.enabled | ternary "yes" "no" | quote }}}
- {name: MAX_MEMORY, value: {{ .Values.redis.maxMemory | quote }}}
{{- end -}}

{{- /* The certificate of servers and sentinels and its authority, as JSON: those that the cluster has, or new ones. Made once in a rendering. */ -}}
{{- define "heavylift.redis.certificate" -}}
{{- if not (hasKey .Values.redis "certificate") -}}
{{- $known := (lookup "v1" "Secret" .Release.Namespace (include "heavylift.redis.tlsSecret" .)).data -}}
{{- if not $known -}}
{{- $name := include "heavylift.redis.name" . -}}
{{- $authority := genCA (printf "%s authority" $name) 3650 -}}
{{- $names := concat (splitList " " (include "heavylift.redis.hosts" .)) (list $name (include "heavylift.haproxy.name" .)) -}}
{{- $made := genSignedCert $name (list "127.0.0.1") $names 3650 $authority -}}
{{- $known = dict "ca.crt" ($authority.Cert | b64enc) "tls.crt" ($made.Cert | b64enc) "tls.key" ($made.Key | b64enc) -}}
{{- end -}}
{{- $_ := set .Values.redis "certificate" $known -}}
{{- end -}}
{{- .Values.redis.certificate | toJson -}}
{{- end -}}

{{- /* The pod of a Job of the backup, of a dict with `root` and `script`. */ -}}
{{- define "heavylift.redis.backupPod" -}}
restartPolicy: Never
serviceAccountName: {{ include "heavylift.redis.name" .root }}
automountServiceAccountToken: false
{{- include "heavylift.pullSecrets" .root }}
securityContext:
  {{- include "heavylift.podSecurityContext" (dict "user" 999) | nindent 2 }}
containers:
  - name: {{ .script }}
    image: {{ include "heavylift.image" (dict "root" .root "image" .root.Values.redis.image) }}
    imagePullPolicy: {{ .root.Values.redis.image.pullPolicy }}
    command: [sh, /scripts/{{ .script }}.sh]
    terminationMessagePolicy: FallbackToLogsOnError
    securityContext:
      {{- include "heavylift.containerSecurityContext" .root | nindent 6 }}
    env:
      {{- include "heavylift.redis.environment" .root | nindent 6 }}
      - {name: KEEP, value: {{ .root.Values.redis.backup.keep | quote }}}
      - {name: RESTORE, value: {{ .root.Values.redis.backup.restore }}}
    resources:
      {{- $self := .root.Values.redis.resources }}
      {{- toYaml (eq .script "restore" | ternary $self (dict "requests" (dict "cpu" "50m" "memory" "64Mi") "limits" (dict "memory" "128Mi"))) | nindent 6 }}
    volumeMounts:
      - {name: run, mountPath: /run/redis}
      - {name: scripts, mountPath: /scripts}
      - {name: passwords, mountPath: /passwords}
      - {name: backup, mountPath: /backup}
      {{- if .root.Values.redis.tls.enabled }}
      - {name: tls, mountPath: /tls}
      {{- end }}
volumes:
  - name: run
    emptyDir: {medium: Memory, sizeLimit: 8Mi}
  - name: scripts
    configMap: {name: {{ include "heavylift.redis.name" .root }}-scripts}
  - name: passwords
    secret: {secretName: {{ include "heavylift.redis.secret" .root }}, defaultMode: 0440}
  - name: backup
    persistentVolumeClaim: {claimName: {{ .root.Values.redis.backup.existingClaim | default (printf "%s-backup" (include "heavylift.redis.name" .root)) }}}
  {{- if .root.Values.redis.tls.enabled }}
  - name: tls
    secret: {secretName: {{ include "heavylift.redis.tlsSecret" .root }}, defaultMode: 0440}
  {{- end }}
{{- end -}}
