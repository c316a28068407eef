-- Which versions can be B, the newest first?
{{compared_versions('(newest)')}}
