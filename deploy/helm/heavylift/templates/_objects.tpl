{{- /*
How the API and the workers find the object store, if there is one. All of a dict with `root` and `component`: whoever else knows the store
has nothing to do with objects.
*/ -}}

{{- define "heavylift.objects.areKept" -}}
{{- if and .root.Values.objectStorage.settings.url (has .component (list "api" "worker")) }}yes{{ end -}}
{{- end -}}

{{- define "heavylift.objects.environment" -}}
{{- if has .component (list "api" "worker") -}}
{{- include "heavylift.settings" (dict "prefix" "HEAVYLIFT_OBJECTS_" "settings" .root.Values.objectStorage.settings) }}
{{- if .root.Values.objectStorage.existingSecret }}
- {name: HEAVYLIFT_OBJECTS_CREDENTIALS, value: /etc/heavylift/objects}
{{- end }}
{{- end }}
{{- end -}}

{{- define "heavylift.objects.volumes" -}}
{{- if and (include "heavylift.objects.areKept" .) .root.Values.objectStorage.existingSecret -}}
- name: objects
  secret: {secretName: {{ .root.Values.objectStorage.existingSecret }}, defaultMode: 0440}
{{- end }}
{{- end -}}

{{- define "heavylift.objects.volumeMounts" -}}
{{- if and (include "heavylift.objects.areKept" .) .root.Values.objectStorage.existingSecret -}}
- {name: objects, mountPath: /etc/heavylift/objects, readOnly: true}
{{- end }}
{{- end -}}

{{- define "heavylift.egress.objects" -}}
{{- if .Values.objectStorage.settings.url -}}
- ports:
    {{- range .Values.objectStorage.ports }}
    - {port: {{ . }}}
    {{- end }}
{{- end }}
{{- end -}}
