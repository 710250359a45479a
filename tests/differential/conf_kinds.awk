# keepalived's messages, as lines "LINE<TAB>KIND": the line it names (0: none) and
# what it is about, in the words of `halbd -t --kinds`.

function kind(m) {
	if (m ~ /is missing a parameter/) return "missing"
	if (m ~ /DNS_CHECK name already/) return "duplicate"
	if (m ~ /DNS_CHECK name|checker_log_all|checker process|lvs_sync_daemon interface name/) return "value"
	if (m ~ /weight .* is outside range/) return "value"
	if (m ~ /^Disabling track script/) return "script"
	if (m ~ /Unknown interface!/) return "interface"
	if (m ~ /is already using .* - ignoring name/) return "vmac"
	if (m ~ /SECURITY VIOLATION/) return "security"
	if (m ~ /^Unknown keyword/) return "unknown"
	if (m ~ /^Missing '\{'|^Unexpected '\{'|^Extra '\}'|missing '\}'s/) return "brace"
	if (m ~ /Unterminated quote|Unmatched quote|missing terminating/) return "quote"
	if (m ~ /^Non-existent interface/) return "no-interface"
	if (m ~ /outside range|invalid number|negative number|integer range|too many decimal|decimal range/) return "number"
	if (m ~ /group range .* (extra characters|too large)|nftables.*(priority|start_fwmark)/) return "number"
	if (m ~ /both use VRID|VRID conflict|VRID '.*' not valid|virtual router id must be set/) return "vrid"
	if (m ~ /[Dd]eprecated|is deprecated|Please use global|Please use keyword|iptables not supported/) return "deprecated"
	if (m ~ /global_tracking is deprecated/) return "deprecated"
	if (m ~ /authentication|Authentication|auth_pass/) return "auth"
	if (m ~ /VMAC|vmac|MAC address with strict/ && m !~ /xmit_base is incompatible|MAC address with strict/) return "vmac"
	if (m ~ /ip_family|specified family|cannot use ha_suspend|one packet scheduling|protocol specified for fwmark|min_reply length|matches sorry server/) return "conflict"
	if (m ~ /native_ipv6|conflicts with configured|destination specified with unicast|Cannot set (both )?vrrp_rx_bufs/) return "conflict"
	if (m ~ /[Ss]trict mode|strict mode|must match being address owner|cannot use IPv6 with VRRP version 2|accept mode for VRRP|first IPv6 VIP address must|MAC address with strict/) return "strict"
	if (m ~ /unknown state|state previously/) return "state"
	if (m ~ /[Nn]opreempt|[Pp]reempt.?delay/) return "preempt"
	if (m ~ /advertisement interval|Advert interval/) return "advert"
	if (m ~ /No VIP specified|must match VRRP instance \[|Number of VIPs|ip address - ignoring|broadcast|Peer|peer address -|Invalid scope|scope for IPv6|label|preferred_lft|parameter specified for|Invalid peer|prefix when/) return "vip"
	if (m ~ /unicast_ttl|unicast_peer option|is missing a value|min_ttl|Unicast instances/) return "unicast"
	if (m ~ /[Ss]ync group|sync_group must have|[Tt]rack group .* empty/ && m !~ /already|must have|due to SYNC/) return "sync"
	if (m ~ /cannot exist in more than one sync group|specified in sync group/) return "sync"
	if (m ~ /[Ww]eighted track|due to (SYNC|address)|own interface|duplicate track_|track script .* not found|track file .* not found|track process|unknown track|weight without value|[Ww]eight .* for .* must be|weight for .*254|weight must be|File set for|No file set/ ) return "track"
	if (m ~ /more than once/) return "interface"
	if (m ~ /duplicate|Duplicate|duplicated|already (specified|defined|set)|already been specified/) return "duplicate"
	if (m ~ /Disabling track script|No script set|Invalid (startup|shutdown) script/) return "script"
	if (m ~ /no protocol set|no scheduler set|no forwarding method/) return "default"
	if (m ~ /zero port|ports don't match|has port specified/) return "port"
	if (m ~ /[Qq]uorum .* exceeds|hysteresis .* quorum/) return "quorum"
	if (m ~ /interface .* (doesn't exist|too long)|Unknown interface|loopback interface|not support multicast|Interface name/) return "interface"
	if (m ~ /uid\/gid|default user|username|No user specified/) return "user"
	if (m ~ /[Cc]hecker|CHECK|track_file .* not found|BFD_CHECK/ && m !~ /connect_port|bind_port|helo|hex string|payload|length|name|type|invalid/) return "checker"
	if (m ~ /url has no path/) return "checker"
	if (m ~ /real servers - ignoring|skipping real server|skipping sorry|real server ip address|sorry_server|virtual server IP address|sorry server IP|virtual server group|virtual server fwmark|^Invalid netmask|mask bits|range (end|address)|^Invalid range|fwmark '.*' (must be|family)|sorry server$|fwmark '.*' must/) return "server"
	if (m ~ /(malformed|[Ii]nvalid).*address|address.*(malformed|invalid|not valid)|invalid IP|same family|MUST match|not.* multicast|is not IPv|should be link-local|[Aa]ddress family of|address prefix len|smtp server|does not match address family|parse vrrp_mcast/) return "address"
	if (m ~ /multiple configuration file/) return "many-files"
	if (m ~ /Config(uration)? files? |No config files|Failed to open|Error reading/) return "file"
	return "value"
}

{
	line = 0
	text = $0
	if (match(text, /^\(([^()]*: )?Line [0-9]+\) /)) {
		head = substr(text, 1, RLENGTH)
		text = substr(text, RLENGTH + 1)
		sub(/.*Line /, "", head)
		sub(/\) $/, "", head)
		line = head
	}
	print line "\t" kind(text)
}
