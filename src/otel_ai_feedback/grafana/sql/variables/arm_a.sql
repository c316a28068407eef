-- Which versions can be A, the newest first?
{{compared_versions('(previous)')}}
